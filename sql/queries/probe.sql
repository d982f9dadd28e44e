-- Who we are and what stands in the place of audit.logs, without touching it.
SELECT current_user::text AS username,
       current_database()::text AS database,
       current_setting('server_version') AS server_version,
       current_setting('server_encoding') AS server_encoding,
       n.oid IS NOT NULL AS schema_exists,
       c.oid IS NOT NULL AS table_exists,
       c.relkind::text AS relkind,
       c.reltuples::float8 AS estimated_rows,
       COALESCE(has_schema_privilege(n.oid, 'USAGE'), false) AS may_use_schema,
       COALESCE(has_table_privilege(c.oid, 'SELECT'), false) AS may_read,
       COALESCE((SELECT has_table_privilege(r.oid, c.oid, 'SELECT') AND has_schema_privilege(r.oid, n.oid, 'USAGE')
                   FROM pg_roles r WHERE r.rolname = 'audit_reader'), false) AS reader_may_read,
       has_database_privilege(current_database(), 'CREATE') AS may_install,
       CASE WHEN current_setting('row_security') = 'on'
            THEN NOT (pg_has_role('audit_admin', 'USAGE') OR pg_has_role('audit_eraser', 'USAGE')
                      OR pg_has_role('audit_archivist', 'USAGE'))
            ELSE false END AS isolated,
       COALESCE((SELECT array_agg(a.attname::text ORDER BY a.attnum)
                   FROM pg_attribute a
                  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '{}') AS columns,
       COALESCE((SELECT array_agg(t.typname::text ORDER BY a.attnum)
                   FROM pg_attribute a
                   JOIN pg_type t ON t.oid = a.atttypid
                  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '{}') AS types,
       COALESCE((SELECT bool_or(has_function_privilege(p.oid, 'EXECUTE'))
                   FROM pg_proc p
                  WHERE p.pronamespace = n.oid AND p.proname = 'verify_chain'), false) AS may_verify,
       (SELECT count(*) FROM pg_proc p
         WHERE p.pronamespace = n.oid AND p.proname = 'verify_chain')::int AS verify_functions,
       (SELECT i.oid::int8 FROM pg_class i
         WHERE i.relnamespace = n.oid AND i.relname = 'schema_info' AND i.relkind = 'r'
           AND COALESCE(has_schema_privilege(n.oid, 'USAGE'), false)
           AND has_table_privilege(i.oid, 'SELECT')) AS schema_info
  FROM (SELECT 1) AS one
  LEFT JOIN pg_namespace n ON n.nspname = 'audit'
  LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = 'logs' AND c.relkind IN ('r', 'p', 'v', 'm', 'f');
