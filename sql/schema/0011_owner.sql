-- The owner role, and its rights for the rest of this transaction.

DO $owner$
BEGIN
  IF to_regrole('audit_owner') IS NULL THEN
    IF current_setting('audit_install.roles', true) = 'off' THEN
      RAISE EXCEPTION 'there is no role audit_owner, and without roles none is made' USING ERRCODE = '55000',
        HINT = 'CREATE ROLE audit_owner NOLOGIN; or name another role with --owner';
    END IF;
    BEGIN
      CREATE ROLE audit_owner NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL; -- an install in another database of this cluster was quicker
    END;
  END IF;
  IF (SELECT r.rolcanlogin OR r.rolsuper FROM pg_roles r WHERE r.rolname = 'audit_owner') THEN
    RAISE EXCEPTION 'the role audit_owner can log in or is a superuser: nobody may log in as the owner of the log'
      USING ERRCODE = '55000', HINT = 'ALTER ROLE audit_owner NOLOGIN NOSUPERUSER';
  END IF;
END
$owner$;

-- Everything below is made as the owner. Whoever installs without being a member (or a superuser) joins for
-- this transaction only; 0095_leave.sql takes it back.
DO $join$
BEGIN
  PERFORM set_config('audit_install.joined', 'no', true);
  PERFORM set_config('audit_install.came_as', current_setting('role'), true);
  IF NOT pg_has_role(current_user, 'audit_owner', 'MEMBER')
     OR (SELECT NOT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user)
        AND NOT EXISTS (SELECT FROM pg_auth_members m
                        WHERE m.roleid = to_regrole('audit_owner') AND m.member = to_regrole(quote_ident(current_user))
                          AND coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)) THEN
    EXECUTE format('GRANT audit_owner TO %I', current_user);
    PERFORM set_config('audit_install.joined', 'yes', true);
  END IF;
END
$join$;
