-- Where the next event of that order stands, without any value that the server might fail to print.
SELECT l.resource_type::text, l.resource_id::text, l.sequence_number
  FROM audit.logs l
 WHERE l.tenant_id = %(tenant)s
   AND l.sequence_number <= %(through)s
   AND l.resource_type IS NOT NULL
   AND l.resource_id IS NOT NULL
   AND NOT ({silent} AND l.event_type LIKE ANY (%(reads)s)){after}
 ORDER BY l.resource_type, l.resource_id, l.sequence_number, l.id
 LIMIT 1;
