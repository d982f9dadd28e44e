-- Every role of the cluster and what its attributes allow.
SELECT r.rolname::text, r.rolcanlogin, r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb, r.rolreplication
  FROM pg_roles r ORDER BY r.rolname;
