-- The hash that stands at a place of a chain (of several rows there, the last one's: that is the head's rule).
SELECT l.event_hash::text
  FROM audit.logs l
 WHERE l.tenant_id = %(tenant)s AND l.sequence_number = %(sequence)s
 ORDER BY l.id DESC
 LIMIT 1;
