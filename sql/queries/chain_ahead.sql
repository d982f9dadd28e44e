-- The first sequence of a tenant at or after another one (none: NULL), to step over what was deleted.
SELECT min(s.sequence_number)
  FROM (SELECT l.sequence_number
          FROM audit.logs l
         WHERE l.tenant_id = %(tenant)s AND l.sequence_number >= %(from)s
         ORDER BY l.tenant_id, l.sequence_number
         LIMIT 1) AS s;
