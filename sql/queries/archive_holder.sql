-- Who holds the archivers' lock.
SELECT a.pid, a.usename::text, a.application_name
  FROM pg_locks k JOIN pg_stat_activity a ON a.pid = k.pid
 WHERE k.locktype = 'advisory' AND k.granted
   AND k.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
   AND (k.classid::int8 << 32 | k.objid::int8) = %(key)s AND k.objsubid = 1;
