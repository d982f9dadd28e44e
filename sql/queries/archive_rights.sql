-- Whether this schema can archive, and whether this role may: functions that are there, and those it may call.
SELECT count(*)::int, count(*) FILTER (WHERE has_function_privilege(p.oid, 'EXECUTE'))::int,
       to_regprocedure('audit.held_events(varchar, bigint, bigint)') IS NOT NULL
       AND has_function_privilege(to_regprocedure('audit.held_events(varchar, bigint, bigint)'), 'EXECUTE'),
       pg_is_in_recovery()
  FROM pg_proc p
 WHERE p.pronamespace = to_regnamespace('audit') AND p.proname IN ('record_archive', 'remove_archived');
