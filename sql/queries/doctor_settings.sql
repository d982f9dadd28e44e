-- Settings of the server that decide whether a log survives and what a session may do, as a new session gets them
-- (not what this one made of them). Those that a role or database sets for itself are read apart; those that are
-- hidden from this role are not among the rows.
SELECT s.name::text, coalesce(s.reset_val, s.setting)::text,
       s.source IN ('database', 'user', 'database user', 'client', 'session')
  FROM pg_settings s
 WHERE s.name IN ('fsync', 'full_page_writes', 'wal_level', 'data_checksums', 'track_commit_timestamp',
                  'log_statement', 'session_replication_role', 'ssl', 'zero_damaged_pages',
                  'ignore_checksum_failure', 'allow_system_table_mods', 'search_path', 'TimeZone',
                  'synchronous_commit', 'event_triggers', 'shared_preload_libraries',
                  'session_preload_libraries', 'local_preload_libraries')
 ORDER BY 1
