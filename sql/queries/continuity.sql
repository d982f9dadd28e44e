-- What events tell about their resources, each resource's together and in the order of the chain, up to a fixed
-- head. Events that only read a resource and show nothing of it are left out. (In the columns' own collation, so
-- that the index by resource can serve; only that a resource's events stand together matters.)
SELECT {columns}
  FROM audit.logs l
 WHERE l.tenant_id = %(tenant)s
   AND l.sequence_number <= %(through)s
   AND l.resource_type IS NOT NULL
   AND l.resource_id IS NOT NULL
   AND NOT ({silent} AND l.event_type LIKE ANY (%(reads)s)){after}
 ORDER BY l.resource_type, l.resource_id, l.sequence_number, l.id;
