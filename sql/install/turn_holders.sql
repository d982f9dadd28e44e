-- Who has the turn of installs (the advisory lock %(lock)s; any role can take it), as one text: "4711 (app, psql, idle in
-- transaction for 00:14:03)"; NULL for nobody. Without pg_monitor, another role's state is not to be seen.
SELECT string_agg(format('%%s (%%s)', h.pid, concat_ws(', ', h.usename, nullif(h.application_name, ''),
                         h.state || coalesce(' for ' || date_trunc('second', clock_timestamp() - h.xact_start)::text, ''))), ', ')
FROM (SELECT DISTINCT a.pid, a.usename, a.application_name, a.state, a.xact_start
      FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.pid <> pg_backend_pid()
        AND (l.classid::bigint << 32 | l.objid::bigint) = %(lock)s
        AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
      ORDER BY a.xact_start LIMIT 3) AS h
