-- The owner role, and its rights for the rest of this transaction.

DO $owner$
BEGIN
  IF to_regrole('audit_owner') IS NULL THEN
    IF coalesce(current_setting('audit_install.roles', true), '') = 'off' THEN
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

-- Everything below is made as the owner. Whoever installs without being able to act as it joins for this
-- transaction only; 0095_leave.sql takes it back.
DO $join$
BEGIN
  PERFORM set_config('audit_install.joined', 'no', true);
  IF NOT pg_has_role('audit_owner', current_setting('audit_install.become')) THEN
    EXECUTE format('GRANT audit_owner TO %I', current_user);
    PERFORM set_config('audit_install.joined', 'yes', true);
  END IF;
END
$join$;
