-- An event that is not older than a time although a later one of the chain is, and that later one.
SELECT early.sequence_number, early."timestamp", late.sequence_number, late."timestamp"
  FROM (SELECT l.sequence_number, l."timestamp" FROM audit.logs l
         WHERE l.tenant_id = %(tenant)s AND l."timestamp" >= %(before)s AND l.sequence_number < %(last)s
         ORDER BY l.sequence_number LIMIT 1) AS early
 CROSS JOIN LATERAL (SELECT l.sequence_number, l."timestamp" FROM audit.logs l
         WHERE l.tenant_id = %(tenant)s AND l."timestamp" < %(before)s
           AND l.sequence_number > early.sequence_number
         ORDER BY l."timestamp" LIMIT 1) AS late;
