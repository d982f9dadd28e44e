-- Adopting: what 0016 found, given again, by the new owner and without the right to pass it on. Repeated at every
-- install into an adopted log for what verify_chain is built of, which a later version may add to.

DO $rights$
DECLARE
  rights jsonb;
  one record;
BEGIN
  IF current_setting('audit_install.adopting') = 'on' THEN
    rights := current_setting('audit_install.adopt_rights');
    FOR one IN
      SELECT g.what, r.rolname
      FROM (VALUES ('use', 'USAGE ON SCHEMA audit'), ('log', 'INSERT ON audit.logs'),
                   ('log', 'EXECUTE ON FUNCTION audit.log_event'), ('read', 'SELECT ON audit.logs, audit.schema_info'),
                   ('sequence', format('USAGE ON SEQUENCE %s', pg_get_serial_sequence('audit.logs', 'id'))),
                   ('verify', 'EXECUTE ON FUNCTION audit.verify_chain')) AS g (list, what)
      CROSS JOIN LATERAL jsonb_array_elements_text(rights -> g.list) AS role
      JOIN pg_roles r ON r.rolname = role
      UNION ALL
      SELECT format('%s (%I) ON audit.logs', c ->> 'right', c ->> 'column'), r.rolname
      FROM jsonb_array_elements(rights -> 'columns') AS c JOIN pg_roles r ON r.rolname = c ->> 'role'
    LOOP
      EXECUTE format('GRANT %s TO %I', one.what, one.rolname);
    END LOOP;
  END IF;

  IF current_setting('audit_install.layout') = 'adopted' THEN
    FOR one IN
      SELECT f.oid::regprocedure AS function, pg_get_userbyid(x.grantee) AS grantee
      FROM pg_proc v CROSS JOIN aclexplode(v.proacl) AS x
      JOIN pg_proc f ON f.pronamespace = v.pronamespace AND f.proname LIKE 'verify%' AND f.oid <> v.oid
        AND f.provolatile IN ('i', 's') AND NOT f.prosecdef AND f.prorettype <> 'trigger'::regtype
      WHERE v.pronamespace = to_regnamespace('audit') AND v.proname = 'verify_chain' AND x.grantee NOT IN (0, v.proowner)
        -- Not has_function_privilege: whoever installs has the owner's rights for this transaction.
        AND NOT EXISTS (SELECT FROM aclexplode(f.proacl) AS y WHERE y.grantee = x.grantee)
    LOOP
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', one.function, one.grantee);
    END LOOP;
  END IF;
END
$rights$;

-- Under tenant isolation a right of one's own lets nobody through: row-level security asks for the role.
DO $isolation$
DECLARE
  shut_out text;
BEGIN
  IF current_setting('audit_install.layout') <> 'adopted' OR current_setting('audit_install.tenant_isolation') = 'off' THEN
    RETURN;
  END IF;
  SELECT string_agg(DISTINCT format('%I (%s)', r.rolname, x.privilege_type), ', ') INTO shut_out
    FROM pg_class c CROSS JOIN aclexplode(c.relacl) AS x JOIN pg_roles r ON r.oid = x.grantee
    WHERE c.oid = 'audit.logs'::regclass AND x.grantee <> c.relowner AND x.privilege_type IN ('INSERT', 'SELECT')
      AND NOT EXISTS (
        SELECT FROM pg_roles m
        WHERE m.rolname = ANY (CASE x.privilege_type WHEN 'INSERT' THEN ARRAY['audit_writer']
                               ELSE ARRAY['audit_reader', 'audit_admin', 'audit_eraser', 'audit_archivist'] END)
          AND pg_has_role(x.grantee, m.oid, 'USAGE'));
  IF shut_out IS NOT NULL THEN
    RAISE EXCEPTION 'with tenant isolation these could log or read no more: %', shut_out USING ERRCODE = '55000',
      HINT = 'GRANT audit_writer or audit_reader TO them first (and audit.grant_tenant), or install --no-tenant-isolation';
  END IF;
END
$isolation$;
