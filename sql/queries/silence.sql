-- Tenants that usually log and have not for longer than a span: the last event is older than it, and at least five
-- of the ten such spans that ended with it saw an event. (audit.silent_since says the same in the database.) The
-- schema's own audit.* events do not count. Ten look-ups by index per tenant.
SELECT t.tenant_id, last."timestamp"
  FROM unnest(%(tenants)s::text[]) AS t (tenant_id)
 CROSS JOIN LATERAL (
   SELECT recent."timestamp"
     FROM (SELECT l."timestamp", l.sequence_number, l.event_type FROM audit.logs l
            WHERE l.tenant_id = t.tenant_id AND l.sequence_number IS NOT NULL
            ORDER BY l.tenant_id DESC, l.sequence_number DESC LIMIT 1000) AS recent
    WHERE lower(recent.event_type COLLATE "C") NOT LIKE 'audit.%%'
    ORDER BY recent.sequence_number DESC LIMIT 1) AS last
 WHERE CASE WHEN last."timestamp" BETWEEN '0100-01-01 00:00:00+00' AND clock_timestamp() - %(span)s::interval
         THEN 5 <= (SELECT count(*) FROM generate_series(0, 9) AS k
              WHERE EXISTS (SELECT FROM audit.logs l
                             WHERE l.tenant_id = t.tenant_id
                               AND l."timestamp" > last."timestamp" - (k + 1) * %(span)s::interval
                               AND l."timestamp" <= last."timestamp" - k * %(span)s::interval
                               AND lower(l.event_type COLLATE "C") NOT LIKE 'audit.%%')) END
 ORDER BY t.tenant_id;
