-- Events per slice of time by one scan: for a schema without the (tenant_id, timestamp) index, and only
-- while the table is small.
SELECT l.tenant_id::text,
       width_bucket(l."timestamp", array(
           SELECT %(until)s::timestamptz - make_interval(days => %(days)s) / %(slices)s * (%(slices)s - edge)
             FROM generate_series(0, %(slices)s - 1) AS edge ORDER BY edge)) AS slice,
       count(*)
  FROM audit.logs l
 WHERE l."timestamp" > %(until)s::timestamptz - make_interval(days => %(days)s)
   AND l."timestamp" <= %(until)s::timestamptz
   AND l.tenant_id IS NOT NULL
 GROUP BY 1, 2;
