-- First and last event of every tenant by a loose index scan: it reads a few index pages per tenant, where
-- SELECT DISTINCT would read every row.
WITH RECURSIVE tenants AS (
    (SELECT l.tenant_id FROM audit.logs l WHERE l.tenant_id IS NOT NULL ORDER BY l.tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT l.tenant_id FROM audit.logs l WHERE l.tenant_id > t.tenant_id ORDER BY l.tenant_id LIMIT 1)
      FROM tenants t
     WHERE t.tenant_id IS NOT NULL
)
SELECT t.tenant_id::text,
       first.sequence_number, first."timestamp", first.event_hash::text,
       last.sequence_number, last."timestamp", last.event_hash::text
  FROM tenants t
 CROSS JOIN LATERAL (SELECT l.sequence_number, l."timestamp", l.event_hash FROM audit.logs l
                      WHERE l.tenant_id = t.tenant_id AND l.sequence_number IS NOT NULL
                      ORDER BY l.tenant_id, l.sequence_number LIMIT 1) AS first
 CROSS JOIN LATERAL (SELECT l.sequence_number, l."timestamp", l.event_hash FROM audit.logs l
                      WHERE l.tenant_id = t.tenant_id AND l.sequence_number IS NOT NULL
                      ORDER BY l.tenant_id DESC, l.sequence_number DESC LIMIT 1) AS last
 WHERE t.tenant_id IS NOT NULL
 ORDER BY t.tenant_id;
