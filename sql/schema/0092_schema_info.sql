-- What was installed, how, and by which tool. The log's own name is drawn once and stays.
DO $info$
DECLARE
  tool    constant text := coalesce(nullif(current_setting('audit_install.tool_version', true), ''), 'psql');
  version constant integer := current_setting('audit_install.version');
  options constant jsonb := jsonb_build_object(
    'layout', current_setting('audit_install.layout'),
    'tenant_isolation', current_setting('audit_install.tenant_isolation') = 'on',
    'roles', current_setting('audit_install.roles') = 'on',
    'ddl_trigger', current_setting('audit_install.ddl_trigger') = 'on');
BEGIN
  INSERT INTO audit.schema_info AS i (version, tool_version, options) VALUES (version, tool, options)
    ON CONFLICT (single) DO UPDATE
      SET version = EXCLUDED.version, options = EXCLUDED.options,
          tool_version = CASE WHEN i.version = EXCLUDED.version THEN i.tool_version ELSE EXCLUDED.tool_version END
      WHERE (i.version, i.options) IS DISTINCT FROM (EXCLUDED.version, EXCLUDED.options);
  PERFORM set_config('audit_install.wrote_info', CASE WHEN FOUND THEN 'yes' ELSE 'no' END, true);
END
$info$;
