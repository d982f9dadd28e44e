-- Objects of users' making that could be taken for the server's own: anything in pg_catalog, functions of the
-- given names elsewhere, operators with the arguments of a built-in one, types of the given names, casts between
-- built-in types. What belongs to an extension was put there by it. Temporary functions are never found by name.
WITH ours AS (
  SELECT d.classid, d.objid FROM pg_depend d WHERE d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
), place AS (
  SELECT n.oid, n.nspname FROM pg_namespace n
   WHERE n.nspname NOT IN ('audit', 'information_schema') AND n.nspname !~ '^pg_(temp|toast)'
)
SELECT 'function' AS kind, s.nspname::text AS schema, p.proname::text AS name, oidvectortypes(p.proargtypes) AS arguments,
       EXISTS (SELECT FROM pg_proc b WHERE b.pronamespace = 'pg_catalog'::regnamespace AND b.oid < 16384
                AND b.proname = p.proname AND b.proargtypes = p.proargtypes) AS exact,
       NOT EXISTS (SELECT FROM unnest(p.proargtypes) a(type) WHERE a.type >= 16384) AS builtin_arguments,
       p.prosrc AS body
  FROM pg_proc p JOIN place s ON s.oid = p.pronamespace
 WHERE p.oid >= 16384 AND (s.nspname = 'pg_catalog' OR p.proname = ANY (%(functions)s))
   AND ('pg_proc'::regclass, p.oid) NOT IN (SELECT * FROM ours)
UNION ALL
SELECT 'operator', s.nspname::text, o.oprname::text,
       coalesce(format_type(nullif(o.oprleft, 0), NULL), 'NONE') || ', ' || coalesce(format_type(nullif(o.oprright, 0), NULL), 'NONE'),
       b.oid IS NOT NULL, o.oprleft < 16384 AND o.oprright < 16384, NULL
  FROM pg_operator o JOIN place s ON s.oid = o.oprnamespace
  LEFT JOIN pg_operator b ON b.oprnamespace = 'pg_catalog'::regnamespace AND b.oid < 16384 AND b.oprname = o.oprname
        AND b.oprleft = o.oprleft AND b.oprright = o.oprright
 WHERE o.oid >= 16384 AND (s.nspname = 'pg_catalog' OR b.oid IS NOT NULL)
   AND ('pg_operator'::regclass, o.oid) NOT IN (SELECT * FROM ours)
UNION ALL
SELECT 'type', s.nspname::text, t.typname::text, '', false, true, NULL
  FROM pg_type t JOIN place s ON s.oid = t.typnamespace
 WHERE t.oid >= 16384 AND t.typcategory <> 'A' AND (s.nspname = 'pg_catalog' AND t.typrelid = 0 OR t.typname = ANY (%(types)s))
   AND ('pg_type'::regclass, t.oid) NOT IN (SELECT * FROM ours)
UNION ALL
SELECT 'relation', s.nspname::text, c.relname::text, '', false, true, NULL
  FROM pg_class c JOIN place s ON s.oid = c.relnamespace
 WHERE c.oid >= 16384 AND s.nspname = 'pg_catalog' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
   AND ('pg_class'::regclass, c.oid) NOT IN (SELECT * FROM ours)
UNION ALL
SELECT 'cast', 'pg_catalog', '', format_type(k.castsource, NULL) || ' AS ' || format_type(k.casttarget, NULL), false, true, NULL
  FROM pg_cast k
 WHERE k.oid >= 16384 AND k.castsource < 16384 AND k.casttarget < 16384
   AND ('pg_cast'::regclass, k.oid) NOT IN (SELECT * FROM ours)
 ORDER BY 1, 2, 3, 4
