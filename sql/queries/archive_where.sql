-- In which partition an event lies.
SELECT c.relname::text
  FROM audit.logs l JOIN pg_class c ON c.oid = l.tableoid
 WHERE l.tenant_id = %(tenant)s AND l.sequence_number = %(sequence)s
 LIMIT 1;
