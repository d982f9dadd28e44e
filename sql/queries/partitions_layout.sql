-- How the log is laid out, and whether this role may do what the command does.
SELECT c.relkind = 'p' AS by_time,
       COALESCE((SELECT bool_or(has_function_privilege(p.oid, 'EXECUTE')) FROM pg_proc p
                  WHERE p.pronamespace = c.relnamespace AND p.proname = 'list_partitions'), false) AS may_list,
       COALESCE((SELECT bool_or(has_function_privilege(p.oid, 'EXECUTE')) FROM pg_proc p
                  WHERE p.pronamespace = c.relnamespace AND p.proname = 'add_partitions'), false) AS may_add
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = 'audit' AND c.relname = 'logs';
