-- Physical marks of the rows around a place in a tenant's chain. Ages compare transactions across the turn of
-- their 32-bit counter; rows older than their table's frozen age bear a number that tells nothing any more.
SELECT near.sequence_number, near.transaction, near.age, age(c.relfrozenxid) AS frozen_age, near.erased,
       near.tableoid::regclass::text, (near.ctid::text::point)[0]::int8 AS page
  FROM ((SELECT l.sequence_number, l.xmin::text::int8 AS transaction, age(l.xmin) AS age, {erased} AS erased,
                l.tableoid, l.ctid
           FROM audit.logs l
          WHERE l.tenant_id = %(tenant)s AND l.sequence_number <= %(sequence)s
          ORDER BY l.sequence_number DESC LIMIT %(around)s + 1)
        UNION ALL
        (SELECT l.sequence_number, l.xmin::text::int8, age(l.xmin), {erased}, l.tableoid, l.ctid
           FROM audit.logs l
          WHERE l.tenant_id = %(tenant)s AND l.sequence_number > %(sequence)s
          ORDER BY l.sequence_number LIMIT %(around)s)) AS near
  JOIN pg_class c ON c.oid = near.tableoid
 ORDER BY near.sequence_number;
