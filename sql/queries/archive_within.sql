-- What a partition holds of a tenant: by the index on time, in that partition alone.
SELECT count(*), min(l.sequence_number), max(l.sequence_number)
  FROM audit.logs l
 WHERE l.tenant_id = %(tenant)s AND l."timestamp" >= %(from)s::timestamptz AND l."timestamp" < %(to)s::timestamptz;
