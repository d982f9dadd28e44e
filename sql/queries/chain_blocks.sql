-- A tenant's events in the order of the chain, after a place in it, up to a fixed head, as COPY sends them.
COPY (
  SELECT {columns}
    FROM audit.logs l
   WHERE l.tenant_id = %(tenant)s
     AND l.sequence_number >= %(from_sequence)s
     AND (l.sequence_number > %(from_sequence)s OR l.id > %(from_id)s::int8)
     AND l.sequence_number <= %(through)s
   ORDER BY l.sequence_number, l.id
) TO STDOUT (FORMAT BINARY);
