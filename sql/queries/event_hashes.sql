-- The hashes of a tenant's events in the order of the chain: what the tree is over.
SELECT l.sequence_number, l.event_hash::text, l.previous_hash::text
  FROM audit.logs l
 WHERE l.tenant_id = %(tenant)s AND l.sequence_number BETWEEN %(first)s AND %(last)s
 ORDER BY l.sequence_number, l.id;
