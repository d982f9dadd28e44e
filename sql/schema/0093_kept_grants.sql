-- What others had been granted on functions that an upgrade made anew (see 0015). Nothing is widened: only the
-- successor of a function that is gone gets its grants.
DO $kept$
DECLARE
  had record;
BEGIN
  FOR had IN
    SELECT p.oid::regprocedure AS the_function, k.role, k.again
    FROM jsonb_to_recordset(current_setting('audit_install.kept_grants')::jsonb)
           AS k (was oid, "function" name, role name, again boolean)
    JOIN pg_proc p ON p.pronamespace = to_regnamespace('audit') AND p.proname = k."function"
    WHERE k.role NOT IN ('audit_reader', 'audit_writer', 'audit_admin', 'audit_eraser', 'audit_archivist')
      AND EXISTS (SELECT FROM pg_roles r WHERE r.rolname = k.role)
      AND NOT EXISTS (SELECT FROM pg_proc old WHERE old.oid = k.was)
      AND p.oid::text <> ALL (string_to_array(current_setting('audit_install.kept_functions'), ' '))
  LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I%s', had.the_function, had.role,
                   CASE WHEN had.again THEN ' WITH GRANT OPTION' ELSE '' END);
  END LOOP;
END
$kept$;
