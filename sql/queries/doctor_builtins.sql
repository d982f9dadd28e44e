-- The server's own functions of these names, and what each is made of: the symbol inside the server.
SELECT p.proname || '(' || oidvectortypes(p.proargtypes) || ')',
       CASE l.lanname WHEN 'internal' THEN 'internal ' || p.prosrc
                      ELSE l.lanname || ' ' || encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex') END
  FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
 WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.oid < 16384 AND p.proname = ANY (%(names)s)
 ORDER BY 1
