-- First and last event of one tenant.
SELECT first.tenant_id::text,
       first.sequence_number, first."timestamp", first.event_hash::text,
       last.sequence_number, last."timestamp", last.event_hash::text
  FROM (SELECT l.tenant_id, l.sequence_number, l."timestamp", l.event_hash FROM audit.logs l
         WHERE l.tenant_id = %(tenant)s AND l.sequence_number IS NOT NULL
         ORDER BY l.tenant_id, l.sequence_number LIMIT 1) AS first
 CROSS JOIN (SELECT l.sequence_number, l."timestamp", l.event_hash FROM audit.logs l
              WHERE l.tenant_id = %(tenant)s AND l.sequence_number IS NOT NULL
              ORDER BY l.tenant_id DESC, l.sequence_number DESC LIMIT 1) AS last;
