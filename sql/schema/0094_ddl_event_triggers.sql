-- The event triggers of 0089. Only a superuser can make them, so whoever installs is themselves again here; nothing
-- that follows is seen by them. They fire under session_replication_role = replica too. On a log that was there
-- before, the install itself is recorded, once; a first install leaves the log empty.

DO $back$ BEGIN PERFORM set_config('role', current_setting('audit_install.came_as'), true); END $back$;

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
      SELECT p.pronamespace = to_regnamespace('audit') OR p.proowner = to_regrole('audit_owner') INTO there
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
