-- The event triggers of 0089. Only a superuser can make them, so whoever installs is themselves again here; nothing
-- that follows is seen by them. They fire under session_replication_role = replica too. On a log that was there
-- before, the install itself is recorded, once; a first install leaves the log empty.

DO $back$ BEGIN PERFORM set_config('role', current_setting('audit_install.came_as'), true); END $back$;

-- Every command of anybody, a superuser's too, runs these first: they are no role's below superuser, so that only a
-- superuser can change them, and call the owner's functions only as the owner, who has no more rights than before.
-- (Who has the owner's rights can queue a deferred trigger there. Before PostgreSQL 18 it fires as whoever commits, as it
-- does for a superuser who writes to anyone's table: members of the owner are to be trusted, or not to be.)
DO $recorders$
DECLARE
  entry text;
BEGIN
  IF NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user)
     OR current_setting('audit_install.ddl_trigger') <> 'on' THEN
    RETURN;
  END IF;
  FOREACH entry IN ARRAY ARRAY['record_ddl', 'record_recorder'] LOOP
    EXECUTE format($make$
CREATE OR REPLACE FUNCTION audit.%1$s() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $entry$
DECLARE
  home constant oid := to_regnamespace('audit');
BEGIN
  IF home IS NULL THEN
    IF tg_tag = 'ALTER SCHEMA' AND EXISTS (
         SELECT FROM pg_event_trigger_ddl_commands() d JOIN pg_proc p ON p.pronamespace = d.objid
         WHERE p.proname = 'record_ddl_command') THEN
      RAISE EXCEPTION 'the schema would no longer be called audit: this command cannot be recorded, so it is refused'
        USING ERRCODE = 'restrict_violation', HINT = 'a superuser disables the event triggers audit_record_... first';
    END IF;
    RETURN;
  ELSIF NOT EXISTS (SELECT FROM pg_event_trigger e WHERE e.evtname = 'audit_record_ddl') THEN
    RETURN; -- nothing watches over what is called below any more
  END IF;
  -- Whoever makes it otherwise is refused here and now, so what was true before the call is true within it. Superusers
  -- as well: it may be the owner's code that runs in their session.
  IF NOT EXISTS (
      SELECT FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
      WHERE p.pronamespace = home AND p.proname = '%1$s_command' AND p.proargtypes = '25 25'::oidvector
        AND p.prokind = 'f' AND p.prosecdef AND NOT r.rolsuper) THEN
    RAISE EXCEPTION 'audit.%1$s_command(text, text) does not run with the rights of the schema''s owner: this command cannot be recorded, so it is refused'
      USING ERRCODE = 'restrict_violation', HINT = 'a superuser disables the event triggers audit_record_... first, or runs audit-tui install';
  END IF;
  PERFORM audit.%1$s_command(tg_event, tg_tag);
END
$entry$ $make$, entry);
    IF EXISTS (SELECT FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
               WHERE p.pronamespace = to_regnamespace('audit') AND p.proname = entry AND NOT r.rolsuper) THEN
      EXECUTE format('ALTER FUNCTION audit.%I() OWNER TO %I', entry, current_user);
    END IF;
    EXECUTE format('REVOKE ALL ON FUNCTION audit.%I() FROM PUBLIC', entry);
  END LOOP;
  COMMENT ON FUNCTION audit.record_ddl() IS
    'Event trigger, a superuser''s: has every command on an object of the audit schema recorded, or refuses it';
  COMMENT ON FUNCTION audit.record_recorder() IS
    'Event trigger, a superuser''s: has recorded what is done to the functions that record';
END
$recorders$;

DO $record$
DECLARE
  wanted   constant boolean := current_setting('audit_install.ddl_trigger') = 'on';
  is_super constant boolean := (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user);
  the      record;
  there    boolean; -- and ours; NULL where there is none
BEGIN
  IF is_super THEN
    FOR the IN SELECT * FROM (VALUES
      ('audit_record_ddl', 'ddl_command_end', 'audit.record_ddl', NULL::text[],
       'audit-tui: records every command on an object of the audit schema'),
      ('audit_record_drop', 'sql_drop', 'audit.record_ddl', NULL,
       'audit-tui: records what is dropped from the audit schema'),
      ('audit_record_recorder', 'ddl_command_end', 'audit.record_recorder',
       ARRAY['CREATE FUNCTION', 'ALTER FUNCTION', 'ALTER ROUTINE'],
       'audit-tui: records what is done to the recording function')) AS w (name, event, function, tags, remark)
    LOOP
      SELECT p.pronamespace = to_regnamespace('audit') OR p.proowner = to_regrole('audit_owner')
             OR p.prosrc LIKE '%audit.record\_%\_command(%' INTO there
        FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid WHERE e.evtname = the.name;
      IF NOT there AND wanted THEN
        RAISE EXCEPTION 'there is an event trigger % that this tool did not make', the.name
          USING ERRCODE = '55000', HINT = 'ALTER EVENT TRIGGER ... RENAME TO another name, or install without the DDL trigger';
      END IF;
      IF coalesce(there, false) AND NOT (wanted AND EXISTS (
           SELECT FROM pg_event_trigger e
           WHERE e.evtname = the.name AND e.evtevent = the.event AND e.evtfoid = to_regproc(the.function)
             AND e.evttags IS NOT DISTINCT FROM the.tags)) THEN
        EXECUTE format('DROP EVENT TRIGGER %I', the.name);
        there := NULL;
      END IF;
      CONTINUE WHEN NOT wanted;
      IF there IS NULL THEN
        EXECUTE format('CREATE EVENT TRIGGER %I ON %s%s EXECUTE FUNCTION %s()', the.name, the.event,
          (SELECT format(' WHEN TAG IN (%s)', string_agg(quote_literal(t), ', ')) FROM unnest(the.tags) t HAVING count(*) > 0),
          the.function);
      END IF;
      EXECUTE format('ALTER EVENT TRIGGER %I ENABLE ALWAYS', the.name);
      EXECUTE format('COMMENT ON EVENT TRIGGER %I IS %L', the.name, the.remark);
    END LOOP;
    IF NOT wanted THEN
      DROP FUNCTION IF EXISTS audit.record_ddl(), audit.record_recorder();
    END IF;
  END IF;

  IF is_super AND current_setting('audit_install.installed') <> '0'
     AND (wanted OR current_setting('audit_install.recording') = 'paused') THEN
    SET LOCAL ROLE audit_owner;
    PERFORM audit.record_install(
      CASE current_setting('audit_install.upgrade') WHEN 'on' THEN 'UPGRADE' ELSE 'INSTALL' END,
      format('audit-tui %s, schema version %s%s', current_setting('audit_install.tool_version'),
             current_setting('audit_install.version'),
             CASE WHEN NOT wanted THEN '; changes of the schema are no longer recorded' END));
    PERFORM set_config('role', current_setting('audit_install.came_as'), true);
  ELSIF wanted AND NOT is_super AND current_setting('audit_install.recorded')::jsonb ->> 'ddl_trigger' IS DISTINCT FROM 'true' THEN
    RAISE EXCEPTION '% may not record changes of the schema: only a superuser can make event triggers', quote_ident(current_user)
      USING ERRCODE = 'insufficient_privilege', HINT = 'install as a superuser, or without the DDL trigger';
  ELSIF NOT is_super AND (SELECT count(*) FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid
                          WHERE p.pronamespace = to_regnamespace('audit')) < 3 THEN
    RAISE WARNING 'changes of the schema are not recorded in the log: only a superuser can make event triggers'
      USING ERRCODE = '01AUD', HINT = 'install once more as a superuser, with the DDL trigger';
  END IF;
END
$record$;
