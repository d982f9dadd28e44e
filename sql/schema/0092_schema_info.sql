-- What was installed, how, and by which tool. The log's own name is drawn once and stays.
DO $info$
DECLARE
  version constant integer := current_setting('audit_install.version');
  tool    constant text := current_setting('audit_install.tool_version');
  options constant jsonb := jsonb_build_object(
    'layout', current_setting('audit_install.layout'),
    'tenant_isolation', current_setting('audit_install.tenant_isolation') = 'on',
    'roles', current_setting('audit_install.roles') = 'on',
    'ddl_trigger', current_setting('audit_install.ddl_trigger') = 'on');
  step    constant jsonb := jsonb_build_array(jsonb_build_object(
    'version', version, 'tool', tool, 'by', session_user, 'at', now(),
    'steps', to_jsonb(string_to_array(coalesce(nullif(current_setting('audit_install.steps', true), ''), 'install'), ' '))));
BEGIN
  INSERT INTO audit.schema_info AS i (version, tool_version, options, history) VALUES (version, tool, options, step)
    ON CONFLICT (single) DO UPDATE
      SET version = EXCLUDED.version, options = EXCLUDED.options,
          tool_version = CASE WHEN i.version = EXCLUDED.version THEN i.tool_version ELSE EXCLUDED.tool_version END,
          history = CASE WHEN i.version = EXCLUDED.version THEN i.history ELSE i.history || EXCLUDED.history END
      WHERE (i.version, i.options) IS DISTINCT FROM (EXCLUDED.version, EXCLUDED.options);
  PERFORM set_config('audit_install.wrote_info', CASE WHEN FOUND THEN 'yes' ELSE 'no' END, true);
END
$info$;
