-- What is worth knowing of sequences first to last before they go: their times, the size of a row on average
-- (64 looks), and whether there is anything but records of earlier archives among them.
SELECT (SELECT l."timestamp" FROM audit.logs l
         WHERE l.tenant_id = %(tenant)s AND l.sequence_number = %(first)s LIMIT 1),
       (SELECT l."timestamp" FROM audit.logs l
         WHERE l.tenant_id = %(tenant)s AND l.sequence_number = %(last)s LIMIT 1),
       (SELECT avg(pg_column_size(l.*))::int8
          FROM generate_series(0, 63) AS step
          JOIN audit.logs l ON l.tenant_id = %(tenant)s
           AND l.sequence_number = %(first)s + trunc((%(last)s - %(first)s)::numeric * step / 63)::int8),
       EXISTS (SELECT FROM audit.logs l
                WHERE l.tenant_id = %(tenant)s AND l.sequence_number BETWEEN %(first)s AND %(last)s
                  AND l.event_type <> 'audit.archived');
