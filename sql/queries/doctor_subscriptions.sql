-- Subscriptions whose rows end up in the log.
SELECT DISTINCT s.subname::text
  FROM pg_subscription_rel r
  JOIN pg_subscription s ON s.oid = r.srsubid
  JOIN pg_class c ON c.oid = r.srrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = 'audit'
 ORDER BY 1
