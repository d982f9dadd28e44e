-- Who holds a lock on a table of the audit schema, longest first: "4711 (app, idle in transaction for 00:14:03)".
-- Without pg_monitor, another role's state is not to be seen.
SELECT string_agg(format('%s (%s)', h.pid, concat_ws(', ', h.usename, nullif(h.application_name, ''),
                         h.state || ' for ' || date_trunc('second', clock_timestamp() - h.xact_start)::text)), ', ')
FROM (SELECT DISTINCT a.pid, a.usename, a.application_name, a.state, a.xact_start
      FROM pg_locks l
      JOIN pg_class c ON c.oid = l.relation
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_stat_activity a ON a.pid = l.pid
      WHERE n.nspname = 'audit' AND l.granted AND l.pid <> pg_backend_pid()
        AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
      ORDER BY a.xact_start LIMIT 3) AS h
