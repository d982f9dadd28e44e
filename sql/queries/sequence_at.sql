SELECT l.sequence_number
  FROM audit.logs l
 WHERE l.tenant_id = %(tenant)s AND l."timestamp" >= %(at)s
 ORDER BY l."timestamp", l.sequence_number
 LIMIT 1;
