-- Who holds a lock on audit.logs: what an adoption that waits in vain tells. Whose transaction it is and since when
-- is known to members of pg_monitor; others read the process numbers.
SELECT string_agg(format('pid %s%s', l.pid, CASE
         WHEN a.xact_start IS NULL THEN ''
         ELSE format(' (%s, in a transaction for %s s)', a.usename,
                     round(EXTRACT(epoch FROM clock_timestamp() - a.xact_start))) END), ', '
       ORDER BY a.xact_start NULLS LAST, l.pid)
FROM pg_catalog.pg_locks AS l LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
WHERE l.granted AND l.locktype = 'relation' AND l.pid <> pg_backend_pid()
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())
  AND l.relation = (SELECT c.oid FROM pg_catalog.pg_class AS c
                    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                    WHERE n.nspname = 'audit' AND c.relname = 'logs');
