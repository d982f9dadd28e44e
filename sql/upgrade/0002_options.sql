-- Version 2 records how the log was installed, and how it came to its version.
ALTER TABLE audit.schema_info ADD COLUMN IF NOT EXISTS options jsonb NOT NULL DEFAULT '{}';
ALTER TABLE audit.schema_info ADD COLUMN IF NOT EXISTS history jsonb NOT NULL DEFAULT '[]';
UPDATE audit.schema_info SET history = jsonb_build_array(jsonb_build_object(
    'version', version, 'steps', '["install"]'::jsonb, 'tool', tool_version, 'by', NULL, 'at', installed_at))
  WHERE history = '[]';
