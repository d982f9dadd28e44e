-- How much of a tenant is older than a time, and how far that reaches: from the index on time alone.
SELECT count(*), max(l.sequence_number)
  FROM audit.logs l
 WHERE l.tenant_id = %(tenant)s AND l."timestamp" < %(before)s;
