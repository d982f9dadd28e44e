-- Roles, and the schema they share. Roles belong to the whole cluster: existing ones are used as they are.
--   audit_owner      owns every object; nobody logs in as it (0011)
--   audit_writer     applications: log, and nothing else
--   audit_reader     analysts: read
--   audit_admin      read and verify
--   audit_eraser     approves and applies erasures; granted to people one by one
--   audit_archivist  archives; granted to people one by one

DO $roles$
DECLARE
  the_role text;
BEGIN
  FOREACH the_role IN ARRAY ARRAY['audit_reader', 'audit_writer', 'audit_admin', 'audit_eraser', 'audit_archivist'] LOOP
    CONTINUE WHEN current_setting('audit_install.roles') = 'off' OR to_regrole(the_role) IS NOT NULL;
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN', the_role);
      PERFORM set_config('audit_install.made', concat_ws(' ', current_setting('audit_install.made', true), the_role), true);
    EXCEPTION WHEN insufficient_privilege THEN
      RAISE EXCEPTION '% may not make the role %', quote_ident(current_user), the_role
        USING ERRCODE = 'insufficient_privilege',
              HINT = format('run as a superuser: CREATE ROLE %I NOLOGIN; or install with --no-roles', the_role);
    WHEN duplicate_object OR unique_violation THEN
      NULL; -- an install in another database of this cluster was quicker
    END;
  END LOOP;
END
$roles$;

-- A comment on a role needs rights over that role; without them the role goes without.
DO $comments$
DECLARE
  the_role text;
  remark text;
BEGIN
  FOR the_role, remark IN VALUES
    ('audit_owner', 'audit-tui: owns the audit schema; NOLOGIN, granted to nobody'),
    ('audit_reader', 'audit-tui: may read the audit log'),
    ('audit_writer', 'audit-tui: may log events, and nothing else'),
    ('audit_admin', 'audit-tui: may read the audit log and verify its chains'),
    ('audit_eraser', 'audit-tui: may approve and apply erasures; granted to people one by one'),
    ('audit_archivist', 'audit-tui: may archive events; granted to people one by one')
  LOOP
    CONTINUE WHEN current_setting('audit_install.roles') = 'off';
    BEGIN
      IF shobj_description(to_regrole(the_role), 'pg_authid') IS DISTINCT FROM remark THEN
        EXECUTE format('COMMENT ON ROLE %I IS %L', the_role, remark);
      END IF;
    EXCEPTION WHEN insufficient_privilege THEN
      NULL;
    END;
  END LOOP;
END
$comments$;

DO $schema$
BEGIN
  IF to_regnamespace('audit') IS NULL THEN
    CREATE SCHEMA audit AUTHORIZATION audit_owner;
  ELSIF (SELECT n.nspowner <> to_regrole('audit_owner') FROM pg_namespace n WHERE n.nspname = 'audit') THEN
    ALTER SCHEMA audit OWNER TO audit_owner;
  END IF;
END
$schema$;

SET LOCAL ROLE audit_owner;

-- Whoever may create here could put functions beside ours that fit a call better. USAGE is for applications.
DO $create$
DECLARE
  intruder record;
BEGIN
  FOR intruder IN
    SELECT DISTINCT CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END AS who
    FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) AS x
    WHERE n.nspname = 'audit' AND x.privilege_type = 'CREATE' AND x.grantee <> n.nspowner
  LOOP
    EXECUTE format('REVOKE CREATE ON SCHEMA audit FROM %s CASCADE', intruder.who);
    RAISE WARNING 'the right to create in the schema audit was taken from %', intruder.who USING ERRCODE = '01AUD';
  END LOOP;
END
$create$;

COMMENT ON SCHEMA audit IS 'audit-tui: an append-only, hash-chained log of events, one chain per tenant';
