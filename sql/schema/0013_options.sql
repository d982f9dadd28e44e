-- What this install is asked for, resolved for the files that follow: given, else recorded, else the default.
-- Afterwards every setting below has a value, and nothing else is ever asked:
--   audit_install.installed         version that is there; 0 before a first install
--   audit_install.existed           yes: there was a log of ours
--   audit_install.layout            plain, partitioned, adopted
--   audit_install.tenant_isolation  on, off
--   audit_install.roles             on: the roles are made where they are missing
--   audit_install.turned            what changes by request, e.g. tenant isolation on
--   audit_install.ddl_trigger       on: DDL on the schema is recorded (needs a superuser; off without one)

SET LOCAL ROLE audit_owner;
DO $recorded$
DECLARE
  info  jsonb; -- the row as a document: an older version has no column options
  -- Not to_regclass: it wants rights on a schema that, empty, may still be somebody else's.
  there oid := (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = 'audit' AND c.relname = 'schema_info');
BEGIN
  PERFORM set_config('audit_install.existed', 'no', true);
  IF there IS NOT NULL THEN
    SELECT to_jsonb(i) INTO info FROM audit.schema_info i;
    PERFORM set_config('audit_install.existed', 'yes', true);
  END IF;
  PERFORM set_config('audit_install.recorded', coalesce(info ->> 'options', '{}'), true);
  -- Whatever the row says, and where it is gone: a log that has no column options was made by version 1.
  PERFORM set_config('audit_install.installed', CASE
    WHEN there IS NOT NULL AND NOT EXISTS (
      SELECT FROM pg_attribute a WHERE a.attrelid = there AND a.attname = 'options' AND NOT a.attisdropped) THEN '1'
    ELSE coalesce(info ->> 'version', '0') END, true);
END
$recorded$;
DO $back$ BEGIN PERFORM set_config('role', current_setting('audit_install.came_as'), true); END $back$;

DO $options$
DECLARE
  recorded jsonb := current_setting('audit_install.recorded');
  given    text := coalesce(current_setting('audit_install.layout', true), '');
  adopting boolean := coalesce(current_setting('audit_install.adopt', true), 'off') = 'on';
  logs     oid := (SELECT c.oid FROM pg_class c WHERE c.relnamespace = to_regnamespace('audit') AND c.relname = 'logs');
  kind     "char" := (SELECT c.relkind FROM pg_class c WHERE c.oid = logs);
  is_ours  boolean := EXISTS (SELECT FROM pg_class c
                              WHERE c.relnamespace = to_regnamespace('audit') AND c.relname = 'schema_info');
  layout   text;
  choice   record;
  value    text;
  earlier  text;
  turned   text;
BEGIN
  IF is_ours AND kind IS NOT NULL THEN
    -- What the table is counts for more than what the record says of it; without a record the guide's key tells.
    layout := CASE
      WHEN kind = 'p' THEN 'partitioned'
      WHEN recorded ->> 'layout' IN ('plain', 'adopted') THEN recorded ->> 'layout'
      WHEN EXISTS (SELECT FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
                   WHERE k.conrelid = logs AND k.contype = 'p' AND cardinality(k.conkey) = 1 AND a.attname = 'id')
        THEN 'adopted'
      ELSE 'plain' END;
    IF given <> '' AND given <> layout THEN
      RAISE EXCEPTION 'this log has the layout %: a log keeps the layout that it was made with', layout
        USING ERRCODE = '55000', HINT = 'a log of another layout is installed into another database';
    END IF;
    IF adopting AND layout <> 'adopted' THEN
      RAISE EXCEPTION 'there is nothing to adopt: audit.logs is a log of audit-tui already'
        USING ERRCODE = '55000', HINT = 'leave out --adopt';
    END IF;
  ELSIF adopting THEN
    IF kind IS NULL THEN
      RAISE EXCEPTION 'there is nothing to adopt: this database has no audit.logs'
        USING ERRCODE = '55000', HINT = 'leave out --adopt to install a log of its own';
    END IF;
    layout := 'adopted';
  ELSE
    layout := coalesce(nullif(given, ''), 'plain');
  END IF;
  PERFORM set_config('audit_install.layout', layout, true);

  FOR choice IN SELECT * FROM (VALUES
    ('tenant_isolation', false),
    ('roles', true),
    ('ddl_trigger', (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user))) AS c (name, otherwise)
  LOOP
    earlier := CASE recorded -> choice.name WHEN 'true' THEN 'on' WHEN 'false' THEN 'off' END;
    value := coalesce(nullif(current_setting('audit_install.' || choice.name, true), ''), earlier,
                      CASE WHEN choice.otherwise THEN 'on' ELSE 'off' END);
    PERFORM set_config('audit_install.' || choice.name, value, true);
    IF value <> earlier THEN
      turned := concat_ws(', ', turned, format('%s %s', replace(choice.name, '_', ' '), value));
    END IF;
  END LOOP;
  PERFORM set_config('audit_install.turned', coalesce(turned, ''), true);
END
$options$;
