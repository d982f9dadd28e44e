-- The server's own functions of these names, and what each is made of: the symbol inside the server. The same of
-- the language that most functions are written in, and of how tables and indexes are stored.
SELECT p.proname || '(' || oidvectortypes(p.proargtypes) || ')',
       CASE l.lanname WHEN 'internal' THEN 'internal ' || p.prosrc
                      ELSE l.lanname || ' ' || left(p.prosrc, 200) END
  FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
 WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.oid < 16384 AND p.proname = ANY (%(names)s)
UNION ALL
SELECT 'language ' || l.lanname, p.prosrc || coalesce(' in ' || p.probin, '')
  FROM pg_language l JOIN pg_proc p ON p.oid = l.lanplcallfoid
 WHERE l.lanname = 'plpgsql'
UNION ALL
SELECT 'access method ' || a.amname, p.prosrc FROM pg_am a JOIN pg_proc p ON p.oid = a.amhandler
 WHERE a.amname IN ('heap', 'btree')
 ORDER BY 1
