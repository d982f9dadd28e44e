-- What was installed, by which tool. The log's own name is drawn once and stays.
DO $info$
BEGIN
  INSERT INTO audit.schema_info AS i (version, tool_version)
    VALUES (1, coalesce(nullif(current_setting('audit_install.tool_version', true), ''), 'psql'))
    ON CONFLICT (single) DO UPDATE SET version = EXCLUDED.version, tool_version = EXCLUDED.tool_version
    WHERE i.version <> EXCLUDED.version;
  PERFORM set_config('audit_install.wrote_info', CASE WHEN FOUND THEN 'yes' ELSE 'no' END, true);
END
$info$;
