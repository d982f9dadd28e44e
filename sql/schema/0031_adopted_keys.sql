-- A log that was adopted from the guide keeps the guide's keys (id, event_id, tenant_id with sequence_number) and
-- indexes, and has ours beside them. Runs at every install into such a log; it repairs what is missing.

DO $adopted$
DECLARE
  logs oid := (SELECT c.oid FROM pg_class c WHERE c.relnamespace = to_regnamespace('audit') AND c.relname = 'logs');
  one record;
BEGIN
  IF current_setting('audit_install.layout') <> 'adopted' THEN
    RETURN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = logs AND k.conname = 'logs_tenant_id_event_id_key') THEN
    IF to_regclass('audit.logs_tenant_id_event_id_key') IS NOT NULL THEN
      ALTER TABLE audit.logs ADD CONSTRAINT logs_tenant_id_event_id_key UNIQUE USING INDEX logs_tenant_id_event_id_key;
    ELSE
      ALTER TABLE audit.logs ADD CONSTRAINT logs_tenant_id_event_id_key UNIQUE (tenant_id, event_id);
    END IF;
  END IF;
  -- Not validated: that would read every event while nobody writes. For an old event, a verifier asks the same.
  IF NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = logs AND k.conname = 'timestamp_range') THEN
    ALTER TABLE audit.logs ADD CONSTRAINT timestamp_range
      CHECK (timestamp >= '0001-01-01 00:00:00+00' AND timestamp < '10000-01-01 00:00:00+00') NOT VALID;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = logs AND k.conname = 'event_id_format') THEN
    ALTER TABLE audit.logs ADD CONSTRAINT event_id_format CHECK (event_id ~ '^evt_[a-zA-Z0-9]+$') NOT VALID;
  END IF;
  -- The chain in order, once each: the guide's index, or one in its place.
  IF NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = logs AND i.indisunique AND i.indisvalid AND i.indimmediate
                   AND pg_get_indexdef(i.indexrelid) LIKE '%USING btree (tenant_id, sequence_number)') THEN
    CREATE UNIQUE INDEX idx_audit_logs_tenant_sequence ON audit.logs (tenant_id, sequence_number);
  END IF;
END
$adopted$;
