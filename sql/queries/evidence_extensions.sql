-- Extensions that read what is beneath the tables, and whether this role may use them.
SELECT e.extname::text, n.nspname::text,
       (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user)
  FROM pg_extension e
  JOIN pg_namespace n ON n.oid = e.extnamespace
 WHERE e.extname IN ('pageinspect', 'pg_walinspect');
