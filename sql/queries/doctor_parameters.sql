-- Settings that only a superuser may change, and who was granted them all the same (PostgreSQL 15 and later).
-- An empty name is PUBLIC.
SELECT p.parname::text, coalesce(pg_get_userbyid(nullif(x.grantee, 0))::text, ''), lower(x.privilege_type)
  FROM pg_parameter_acl p CROSS JOIN LATERAL aclexplode(p.paracl) x
 WHERE p.parname IN ('session_replication_role', 'event_triggers', 'zero_damaged_pages', 'ignore_checksum_failure',
                     'allow_system_table_mods', 'session_preload_libraries', 'fsync', 'full_page_writes')
 ORDER BY 1, 2, 3
