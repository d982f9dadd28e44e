-- What now stands at each witnessed place, beside the tenant's first and last event.
SELECT w.tenant_id, first.sequence_number, first.previous_hash::text, first.event_hash::text,
       last.sequence_number, at.event_hash::text, w.sequence_number
  FROM unnest(%(tenants)s::text[], %(sequences)s::int8[]) AS w(tenant_id, sequence_number)
  LEFT JOIN LATERAL (SELECT l.sequence_number, l.previous_hash, l.event_hash FROM audit.logs l
                      WHERE l.tenant_id = w.tenant_id AND l.sequence_number IS NOT NULL
                      ORDER BY l.tenant_id, l.sequence_number LIMIT 1) AS first ON true
  LEFT JOIN LATERAL (SELECT l.sequence_number FROM audit.logs l
                      WHERE l.tenant_id = w.tenant_id AND l.sequence_number IS NOT NULL
                      ORDER BY l.tenant_id DESC, l.sequence_number DESC LIMIT 1) AS last ON true
  LEFT JOIN LATERAL (SELECT l.event_hash FROM audit.logs l
                      WHERE l.tenant_id = w.tenant_id AND l.sequence_number = w.sequence_number
                      LIMIT 1) AS at ON true;
