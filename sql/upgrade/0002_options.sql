-- Version 2 records how the log was installed.
ALTER TABLE audit.schema_info ADD COLUMN IF NOT EXISTS options jsonb NOT NULL DEFAULT '{}';
