-- The indexes that an adopted log needs and the guide's table lacks, as statements to run one by one, outside a
-- transaction: writers go on meanwhile. What an attempt that was cut off left behind (an invalid index) is dropped
-- and built again; an index that stands is passed over, so that there is nothing to do the second time.
SELECT s.statement
FROM (VALUES
  (1, 'logs_tenant_id_event_id_key', 'UNIQUE ', '(tenant_id, event_id)'),
  (2, 'logs_tenant_time_idx', '', '(tenant_id, timestamp, sequence_number)'),
  (3, 'logs_tenant_actor_idx', '', '(tenant_id, actor_id, sequence_number)'),
  (4, 'logs_tenant_resource_idx', '', '(tenant_id, resource_type, resource_id, sequence_number)'),
  (5, 'logs_tenant_type_idx', '', '(tenant_id, event_type, sequence_number)')) AS n (place, name, kind, columns)
LEFT JOIN (pg_catalog.pg_class AS c
           JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.oid
           JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid AND t.relname = 'logs'
           JOIN pg_catalog.pg_namespace AS h ON h.oid = c.relnamespace AND h.nspname = 'audit') ON c.relname = n.name
CROSS JOIN LATERAL (VALUES
  (1, CASE WHEN NOT i.indisvalid THEN pg_catalog.format('DROP INDEX CONCURRENTLY audit.%I', n.name) END),
  (2, CASE WHEN i.indexrelid IS NULL OR NOT i.indisvalid
           THEN pg_catalog.format('CREATE %sINDEX CONCURRENTLY %I ON audit.logs %s', n.kind, n.name, n.columns) END)
) AS s (step, statement)
WHERE s.statement IS NOT NULL
ORDER BY n.place, s.step;
