-- Roles, and the schema they share. Roles belong to the whole cluster: existing ones are used as they are.
--   audit_owner      owns every object; nobody logs in as it
--   audit_writer     applications: log, and nothing else
--   audit_reader     analysts: read
--   audit_admin      read and verify
--   audit_eraser     approves and applies erasures; granted to people one by one
--   audit_archivist  archives; granted to people one by one

DO $roles$
DECLARE
  the_role text;
BEGIN
  FOREACH the_role IN ARRAY ARRAY['audit_owner', 'audit_reader', 'audit_writer', 'audit_admin',
                                  'audit_eraser', 'audit_archivist'] LOOP
    IF to_regrole(the_role) IS NULL THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', the_role);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL; -- an install in another database of this cluster was quicker
      END;
    END IF;
  END LOOP;
  IF (SELECT r.rolcanlogin OR r.rolsuper FROM pg_roles r WHERE r.rolname = 'audit_owner') THEN
    RAISE EXCEPTION 'the role audit_owner can log in or is a superuser: nobody may log in as the owner of the log'
      USING ERRCODE = '55000', HINT = 'ALTER ROLE audit_owner NOLOGIN NOSUPERUSER';
  END IF;
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

-- Everything below is made as the owner. Whoever installs without being a member (or a superuser) joins for
-- this transaction only; 0090_grants.sql takes it back.
DO $join$
BEGIN
  PERFORM set_config('audit_install.joined', 'no', true);
  IF NOT pg_has_role(current_user, 'audit_owner', 'MEMBER')
     OR (SELECT NOT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user)
        AND NOT EXISTS (SELECT FROM pg_auth_members m
                        WHERE m.roleid = to_regrole('audit_owner') AND m.member = to_regrole(quote_ident(current_user))
                          AND coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)) THEN
    EXECUTE format('GRANT audit_owner TO %I', current_user);
    PERFORM set_config('audit_install.joined', 'yes', true);
  END IF;
  IF to_regnamespace('audit') IS NULL THEN
    CREATE SCHEMA audit AUTHORIZATION audit_owner;
  ELSIF (SELECT n.nspowner <> to_regrole('audit_owner') FROM pg_namespace n WHERE n.nspname = 'audit') THEN
    ALTER SCHEMA audit OWNER TO audit_owner;
  END IF;
END
$join$;

SET LOCAL ROLE audit_owner;

COMMENT ON SCHEMA audit IS 'audit-tui: an append-only, hash-chained log of events, one chain per tenant';
