-- What lies outside the schema and yet runs with the rights of the role that owns the log: functions, and views, whose rows are
-- read and written with the rights of the view's owner.
SELECT 'function', n.nspname::text, p.proname::text, oidvectortypes(p.proargtypes)
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE p.prosecdef AND n.nspname <> 'audit'
   AND p.proowner = (SELECT r.oid FROM pg_roles r WHERE r.rolname = %(owner)s)
UNION ALL
SELECT 'view', n.nspname::text, c.relname::text, ''
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'v' AND n.nspname <> 'audit'
   AND c.relowner = (SELECT r.oid FROM pg_roles r WHERE r.rolname = %(owner)s)
   AND NOT EXISTS (SELECT FROM pg_options_to_table(c.reloptions) o
                    WHERE o.option_name = 'security_invoker' AND o.option_value ~* '^(t|y|on|1)')
 ORDER BY 1, 2, 3, 4
