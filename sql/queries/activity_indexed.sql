-- Events per slice of time for every tenant named: sequences are gapless, so the last sequence at each edge
-- tells the count between two edges with one index look-up an edge, and nothing is counted. The log's own
-- bookkeeping (audit.*) is no activity: an erasure years later must not push the bars off the screen.
WITH newest AS (
    SELECT max(last."timestamp") AS application_event
      FROM unnest(%(tenants)s::text[]) AS t(tenant_id)
     CROSS JOIN LATERAL (SELECT l."timestamp" FROM audit.logs l
                          WHERE l.tenant_id = t.tenant_id AND l.event_type NOT LIKE 'audit.%%'
                          ORDER BY l.sequence_number DESC LIMIT 1) AS last
), span AS (
    SELECT COALESCE(newest.application_event, %(until)s::timestamptz) AS until,
           make_interval(days => %(days)s) / %(slices)s AS slice
      FROM newest
)
SELECT t.tenant_id,
       array(SELECT COALESCE((SELECT l.sequence_number FROM audit.logs l
                               WHERE l.tenant_id = t.tenant_id
                                 AND l."timestamp" <= span.until - span.slice * (%(slices)s - edge)
                               ORDER BY l."timestamp" DESC, l.sequence_number DESC LIMIT 1),
                             t.first_sequence - 1)
               FROM generate_series(0, %(slices)s) AS edge ORDER BY edge)
  FROM span, unnest(%(tenants)s::text[], %(firsts)s::int8[]) AS t(tenant_id, first_sequence);
