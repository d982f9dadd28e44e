-- The event types of a tenant by a loose index scan: a few pages per type, however many events there are.
WITH RECURSIVE types AS (
    (SELECT l.event_type FROM audit.logs l WHERE l.tenant_id = %(tenant)s ORDER BY l.event_type LIMIT 1)
    UNION ALL
    SELECT (SELECT l.event_type FROM audit.logs l
             WHERE l.tenant_id = %(tenant)s AND l.event_type > t.event_type ORDER BY l.event_type LIMIT 1)
      FROM types t
     WHERE t.event_type IS NOT NULL
)
SELECT t.event_type::text FROM types t WHERE t.event_type IS NOT NULL LIMIT %(limit)s;
