-- Settings of the server that decide whether a log survives, and what a session may do. Their defaults for new
-- sessions (reset_val), not what this session made of them; NULL where the setting is hidden from this role.
SELECT s.name::text AS name, coalesce(s.reset_val, s.setting)::text AS value, s.source::text AS source
  FROM pg_settings s
 WHERE s.name IN ('fsync', 'full_page_writes', 'wal_level', 'data_checksums', 'track_commit_timestamp',
                  'log_statement', 'session_replication_role', 'row_security', 'ssl', 'zero_damaged_pages',
                  'ignore_checksum_failure', 'allow_system_table_mods', 'search_path', 'TimeZone', 'DateStyle',
                  'synchronous_commit', 'event_triggers', 'wal_log_hints', 'log_connections', 'server_version_num',
                  'shared_preload_libraries', 'session_preload_libraries', 'local_preload_libraries',
                  'default_transaction_read_only', 'autovacuum')
 ORDER BY 1;
