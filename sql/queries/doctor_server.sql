-- Who asks whom, by the server's clock; and whether the role may read what the installation noted of itself.
SELECT current_setting('server_version_num')::int AS version,
       current_user::text AS username,
       current_database()::text AS database,
       (SELECT pg_get_userbyid(d.datdba)::text FROM pg_database d WHERE d.datname = current_database()) AS database_owner,
       has_function_privilege('pg_hba_file_rules()', 'EXECUTE') AS hba_readable,
       (EXTRACT(epoch FROM clock_timestamp()) * 1000000)::int8 AS clock_us,
       coalesce((SELECT row_security_active(c.oid) FROM pg_class c
                  WHERE c.relnamespace = n.oid AND c.relname = 'logs' AND c.relkind IN ('r', 'p')), false) AS rows_hidden,
       i.oid IS NOT NULL AS info_exists,
       coalesce(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(i.oid, 'SELECT'), false) AS info_readable,
       coalesce((SELECT array_agg(DISTINCT coalesce(pg_get_userbyid(nullif(x.grantee, 0))::text, ''))
                   FROM pg_namespace p CROSS JOIN LATERAL aclexplode(coalesce(p.nspacl, acldefault('n', p.nspowner))) x
                  WHERE p.nspname = 'public' AND x.privilege_type = 'CREATE' AND x.grantee <> p.nspowner), '{}') AS public_create
  FROM (SELECT 1) one
  LEFT JOIN pg_namespace n ON n.nspname = 'audit'
  LEFT JOIN pg_class i ON i.relnamespace = n.oid AND i.relname = 'schema_info' AND i.relkind = 'r'
