-- The events that can vouch for an erasure or a missing beginning.
SELECT {columns}
  FROM audit.logs l
 WHERE l.tenant_id = %(tenant)s
   AND l.event_type IN ('audit.erased', 'audit.archived')
   AND l.sequence_number <= %(through)s
 ORDER BY l.sequence_number, l.id;
