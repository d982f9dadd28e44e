-- What old events bear that is reserved for the schema itself once the log is adopted. They stay as they are and
-- carry no authority; whoever still logs such events will be refused.
SELECT format('applications have logged events of the type %s (%s of them), which the schema keeps for itself: '
              'such events will be refused, so rename the type first', l.event_type, count(*))
FROM audit.logs AS l
WHERE lower(l.event_type COLLATE "C") LIKE 'audit.%'
GROUP BY l.event_type
UNION ALL
SELECT 'applications have logged for a tenant called _audit, which the schema keeps for itself: such events will be '
       'refused, so rename that tenant first'
WHERE EXISTS (SELECT FROM audit.logs AS l WHERE l.tenant_id = '_audit')
ORDER BY 1
LIMIT 20;
