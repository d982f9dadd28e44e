-- Rows that belong to no chain. Constraints forbid them; whoever dropped the constraint may have hidden some.
SELECT l.event_id::text, l.tenant_id::text, l.sequence_number
  FROM audit.logs l
 WHERE l.tenant_id IS NULL OR l.sequence_number IS NULL
 LIMIT 1001;
