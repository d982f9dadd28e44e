-- How many events of each type are hot, warm, cold and expired. Ages become sequences first (one look-up by time
-- per age), so that the counting is of the index on (tenant, type, sequence) alone.
WITH head AS (
  SELECT l.sequence_number + 1 AS beyond FROM audit.logs l WHERE l.tenant_id = %(tenant)s AND l.sequence_number IS NOT NULL
   ORDER BY l.tenant_id DESC, l.sequence_number DESC LIMIT 1
), ages AS MATERIALIZED (
  SELECT w.number, w.warm, w.keep,
         coalesce((SELECT l.sequence_number FROM audit.logs l
                    WHERE l.tenant_id = %(tenant)s AND l."timestamp" >= now() - w.hot
                    ORDER BY l."timestamp", l.sequence_number LIMIT 1), head.beyond) AS hot_from,
         coalesce((SELECT l.sequence_number FROM audit.logs l
                    WHERE l.tenant_id = %(tenant)s AND l."timestamp" >= now() - w.warm
                    ORDER BY l."timestamp", l.sequence_number LIMIT 1), head.beyond) AS warm_from,
         CASE WHEN w.keep IS NULL THEN NULL ELSE
           coalesce((SELECT l.sequence_number FROM audit.logs l
                      WHERE l.tenant_id = %(tenant)s AND l."timestamp" >= now() - w.keep
                      ORDER BY l."timestamp", l.sequence_number LIMIT 1), head.beyond) END AS keep_from
    FROM head, unnest(%(hot)s::interval[], %(warm)s::interval[], %(keep)s::interval[])
               WITH ORDINALITY AS w (hot, warm, keep, number)
)
SELECT ages.number::int, count(*)::int, sum(counted.events)::bigint,
       sum(counted.hot)::bigint, sum(counted.cold)::bigint, sum(counted.expired)::bigint,
       min(counted.first), min(counted.first) FILTER (WHERE counted.cold > 0),
       min(counted.first) FILTER (WHERE counted.expired > 0), min(counted.not_cold)
  FROM unnest(%(types)s::text[], %(rules)s::int[]) AS t (event_type, number)
  JOIN ages ON ages.number = t.number
 CROSS JOIN LATERAL (
   SELECT count(*) AS events, count(*) FILTER (WHERE l.sequence_number >= ages.hot_from) AS hot,
          count(*) FILTER (WHERE l.sequence_number < ages.warm_from) AS cold,
          count(*) FILTER (WHERE l.sequence_number < ages.keep_from) AS expired,
          min(l.sequence_number) AS first,
          min(l.sequence_number) FILTER (WHERE l.sequence_number >= ages.warm_from) AS not_cold
     FROM audit.logs l WHERE l.tenant_id = %(tenant)s AND l.event_type = t.event_type) AS counted
 GROUP BY ages.number ORDER BY ages.number;
