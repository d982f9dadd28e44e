-- The times of some events, and what they become when a period is added to them.
SELECT l."timestamp", l."timestamp" + m.period
  FROM unnest(%(sequences)s::bigint[], %(periods)s::interval[]) WITH ORDINALITY AS m (sequence, period, number)
  LEFT JOIN LATERAL (SELECT o."timestamp" FROM audit.logs o
                      WHERE o.tenant_id = %(tenant)s AND o.sequence_number = m.sequence LIMIT 1) AS l ON true
 ORDER BY m.number;
