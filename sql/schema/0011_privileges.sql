-- Without superuser: everything that is missing is named at once, with the statements that give it.

DO $privileges$
DECLARE
  me        constant text := quote_ident(current_user);
  my        pg_roles := (SELECT r FROM pg_roles r WHERE r.rolname = current_user);
  home      oid := to_regnamespace('audit');
  keeper    oid := (SELECT n.nspowner FROM pg_namespace n WHERE n.oid = to_regnamespace('audit'));
  the_owner oid := to_regrole('audit_owner');
  join_it   constant text := format('GRANT audit_owner TO %s%s', me, current_setting('audit_install.join_options'));
  -- Before 16 whoever may act as the owner is a member with all its rights, and should not stay one.
  leave_it  constant text := CASE WHEN current_setting('audit_install.join_options') <> '' THEN ''
                             ELSE format(' when it is installed: REVOKE audit_owner FROM %s;', me) END;
  roles     constant text := coalesce(current_setting('audit_install.roles', true), '');
  missing    text[] := '{}';
  remedy     text[] := '{}';
  afterwards text := '';
  absent     text[];
BEGIN
  IF my.rolsuper THEN
    RETURN;
  END IF;
  -- Making the schema, and handing an empty one of somebody else's to the owner, both need CREATE.
  IF keeper IS DISTINCT FROM the_owner OR home IS NULL THEN
    IF NOT has_database_privilege(current_database(), 'CREATE') THEN
      missing := missing || format('CREATE on the database %I', current_database());
      remedy := remedy || format('GRANT CREATE ON DATABASE %I TO %s', current_database(), me);
    END IF;
    IF NOT pg_has_role(keeper, 'USAGE') THEN
      missing := missing || 'ownership of the schema audit'::text;
      remedy := remedy || format('ALTER SCHEMA audit OWNER TO %s', me);
    END IF;
  END IF;

  IF the_owner IS NULL AND (roles = 'off' OR NOT my.rolcreaterole) THEN
    missing := missing || CASE roles WHEN 'off' THEN 'a role audit_owner, since none is made'
                                     ELSE 'CREATEROLE, to make the role audit_owner' END;
    remedy := remedy || 'CREATE ROLE audit_owner NOLOGIN'::text || join_it;
    afterwards := leave_it;
  ELSIF the_owner <> my.oid AND NOT pg_has_role(the_owner, current_setting('audit_install.become'))
        AND NOT pg_has_role(the_owner, 'MEMBER WITH ADMIN OPTION')
        AND NOT (my.rolcreaterole AND current_setting('audit_install.createrole_grants') = 'on') THEN
    missing := missing || 'the right to act as audit_owner'::text;
    remedy := remedy || join_it;
    afterwards := leave_it;
  END IF;

  -- An install that is there may have been made without roles: 0020 looks at that when it can read it.
  IF roles = 'on' OR roles = '' AND home IS NULL THEN
    SELECT array_agg(r.name ORDER BY r.name) INTO absent
      FROM unnest(ARRAY['audit_reader', 'audit_writer', 'audit_admin', 'audit_eraser', 'audit_archivist']) AS r (name)
      WHERE to_regrole(r.name) IS NULL;
    IF absent IS NOT NULL AND NOT my.rolcreaterole THEN
      missing := missing || format('CREATEROLE, to make %s', array_to_string(absent, ', '));
      remedy := remedy || ARRAY(SELECT format('CREATE ROLE %I NOLOGIN', a) FROM unnest(absent) a);
    END IF;
  END IF;

  IF missing <> '{}' THEN
    RAISE EXCEPTION '% lacks %', me, array_to_string(missing, '; and ') USING ERRCODE = 'insufficient_privilege',
      HINT = 'run as a superuser: ' || array_to_string(remedy, '; ') || ';' || afterwards;
  END IF;
END
$privileges$;
