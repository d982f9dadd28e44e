-- A tenant's rows counted by stretches of sequences. By which path they are read is the planner's setting; in the
-- order of the chain, only the index that every check reads by can serve.
SELECT (l.sequence_number - %(first)s::int8) / %(width)s::int8 AS bucket, count(*),
       sum(l.sequence_number::numeric)::text
  FROM (SELECT sequence_number FROM audit.logs WHERE tenant_id = %(tenant)s {ordered}) AS l
 GROUP BY 1;
