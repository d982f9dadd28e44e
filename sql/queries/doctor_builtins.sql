-- The server's own functions of these names, and what each is made of: the symbol inside the server.
SELECT p.proname || '(' || oidvectortypes(p.proargtypes) || ')',
       CASE l.lanname WHEN 'internal' THEN 'internal ' || p.prosrc
                      ELSE l.lanname || ' ' || left(p.prosrc, 200) END
  FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
 WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.oid < 16384 AND p.proname = ANY (%(names)s)
 ORDER BY 1
