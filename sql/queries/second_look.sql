-- What stands at one place of each chain (of several rows there, the last one: that is the head's rule).
SELECT p.tenant_id, at.event_hash::text, at.previous_hash::text, at.event_id::text
  FROM unnest(%(tenants)s::text[], %(sequences)s::int8[]) AS p(tenant_id, sequence_number)
 CROSS JOIN LATERAL (SELECT l.event_hash, l.previous_hash, l.event_id FROM audit.logs l
                      WHERE l.tenant_id = p.tenant_id AND l.sequence_number = p.sequence_number
                      ORDER BY l.id DESC LIMIT 1) AS at;
