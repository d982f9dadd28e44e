-- A page of a tenant's events by keyset, each with the row before it in the chain.
SELECT {columns}, p.sequence_number, p.event_hash::text, {previous_version}
  FROM (SELECT * FROM audit.logs l WHERE {condition} ORDER BY {order} LIMIT %(limit)s) AS l
  LEFT JOIN LATERAL (
       SELECT b.* FROM audit.logs b
        WHERE b.tenant_id = l.tenant_id
          AND b.sequence_number <= l.sequence_number
          AND (b.sequence_number < l.sequence_number OR b.id < l.id)
        ORDER BY b.sequence_number DESC, b.id DESC LIMIT 1) AS p ON true
 ORDER BY l.sequence_number, l.id;
