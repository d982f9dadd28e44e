-- Settings that roles and databases bring to their sessions here.
SELECT d.datname::text, pg_get_userbyid(nullif(s.setrole, 0))::text,
       split_part(c.line, '=', 1), substr(c.line, strpos(c.line, '=') + 1)
  FROM pg_db_role_setting s
  LEFT JOIN pg_database d ON d.oid = s.setdatabase
  CROSS JOIN LATERAL unnest(s.setconfig) AS c(line)
 WHERE s.setdatabase IN (0, (SELECT o.oid FROM pg_database o WHERE o.datname = current_database()))
   AND lower(split_part(c.line, '=', 1)) IN (
         'search_path', 'session_replication_role', 'session_preload_libraries', 'local_preload_libraries',
         'timezone', 'zero_damaged_pages', 'ignore_checksum_failure', 'event_triggers', 'allow_system_table_mods')
 ORDER BY 1, 2, 3
