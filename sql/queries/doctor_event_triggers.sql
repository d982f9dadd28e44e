-- Event triggers that run somebody else's code: what they do to a command on the log, nobody here knows.
SELECT e.evtname::text, e.evtevent::text, n.nspname || '.' || p.proname
  FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname <> 'audit' AND e.evtenabled <> 'D'
 ORDER BY 1
