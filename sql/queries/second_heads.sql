-- Where each of these tenants ends now.
SELECT t.tenant_id, last.sequence_number
  FROM unnest(%(tenants)s::text[]) AS t(tenant_id)
 CROSS JOIN LATERAL (SELECT l.sequence_number FROM audit.logs l
                      WHERE l.tenant_id = t.tenant_id AND l.sequence_number IS NOT NULL
                      ORDER BY l.tenant_id DESC, l.sequence_number DESC LIMIT 1) AS last;
