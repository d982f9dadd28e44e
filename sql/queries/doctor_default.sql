-- The default partition of the log: a file without a page holds no event, whoever asks.
SELECT n.nspname::text AS schema, c.relname::text AS name, pg_relation_size(c.oid) > 0 AS has_pages,
       has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS readable
  FROM pg_inherits i
  JOIN pg_class c ON c.oid = i.inhrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_class p ON p.oid = i.inhparent
  JOIN pg_namespace h ON h.oid = p.relnamespace
 WHERE h.nspname = 'audit' AND p.relkind = 'p' AND c.relkind = 'r' AND pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT'
 ORDER BY p.relname = 'logs' DESC LIMIT 1 -- the log's table may have been moved aside
