-- The sequences of one stretch, as often as each occurs, by the same two paths.
SELECT l.sequence_number
  FROM audit.logs l
 WHERE l.tenant_id = %(tenant)s
   AND l.sequence_number BETWEEN %(first)s AND %(last)s
 {ordered};
