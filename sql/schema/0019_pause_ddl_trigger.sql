-- An install is one event of the tenant _audit, not one for each of its commands. A superuser pauses the event
-- triggers until 0094, where that event is written; anyone else writes it now, and the triggers see it.

DO $pause$
DECLARE
  recorder name;
BEGIN
  PERFORM set_config('audit_install.recording', 'no', true);
  FOR recorder IN
    SELECT e.evtname FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid
    WHERE (p.pronamespace = to_regnamespace('audit') OR p.proowner = to_regrole('audit_owner')
           OR p.prosrc LIKE '%audit.record\_%\_command(%')
      AND e.evtname LIKE 'audit\_record\_%' AND e.evtenabled <> 'D'
  LOOP
    PERFORM set_config('audit_install.recording', 'yes', true);
    CONTINUE WHEN NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user);
    EXECUTE format('ALTER EVENT TRIGGER %I DISABLE', recorder);
    PERFORM set_config('audit_install.recording', 'paused', true);
  END LOOP;
  IF current_setting('audit_install.recording') = 'yes' THEN
    SET LOCAL ROLE audit_owner;
    PERFORM audit.record_install(
      CASE current_setting('audit_install.upgrade') WHEN 'on' THEN 'UPGRADE' ELSE 'INSTALL' END,
      format('audit-tui %s, schema version %s', current_setting('audit_install.tool_version'),
             current_setting('audit_install.version')));
    PERFORM set_config('role', current_setting('audit_install.came_as'), true);
  END IF;
END
$pause$;
