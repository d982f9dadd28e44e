-- How readers reach the log. In the layout by time range each of these is one index per partition.

CREATE INDEX IF NOT EXISTS logs_tenant_time_idx ON audit.logs (tenant_id, timestamp, sequence_number);
CREATE INDEX IF NOT EXISTS logs_tenant_actor_idx ON audit.logs (tenant_id, actor_id, sequence_number);
CREATE INDEX IF NOT EXISTS logs_tenant_resource_idx
  ON audit.logs (tenant_id, resource_type, resource_id, sequence_number);
CREATE INDEX IF NOT EXISTS logs_tenant_type_idx ON audit.logs (tenant_id, event_type, sequence_number);

DO $layout$
BEGIN
  IF current_setting('audit_install.layout') <> 'adopted' THEN -- there the guide's key leads with event_id
    CREATE INDEX IF NOT EXISTS logs_event_id_idx ON audit.logs (event_id);
    COMMENT ON INDEX audit.logs_event_id_idx IS 'An event by its event_id alone';
  END IF;
  IF current_setting('audit_install.layout') = 'partitioned' THEN
    CREATE INDEX IF NOT EXISTS logs_tenant_event_idx ON audit.logs (tenant_id, event_id);
    COMMENT ON INDEX audit.logs_tenant_event_idx IS 'One event of a tenant by its event_id';
  ELSE
    COMMENT ON CONSTRAINT logs_tenant_id_event_id_key ON audit.logs IS 'An event_id occurs once in its tenant';
    COMMENT ON INDEX audit.logs_tenant_id_event_id_key IS 'One event of a tenant by its event_id';
  END IF;
END
$layout$;
