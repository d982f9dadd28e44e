-- The text of the functions and views of a schema that was built by hand: what they do is read from it.
SELECT p.proname::text, oidvectortypes(p.proargtypes), p.prosrc
  FROM pg_proc p WHERE p.pronamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = 'audit') AND p.prokind = 'f'
UNION ALL
SELECT c.relname::text, 'view', pg_get_viewdef(c.oid)
  FROM pg_class c WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = 'audit') AND c.relkind IN ('v', 'm')
 ORDER BY 1, 2
