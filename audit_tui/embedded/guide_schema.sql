-- The guide's minimum installation, steps 1 to 5, kept word for word: what users have, faults included.
-- Step 1's CREATE EXTENSION pgcrypto stands in guide.py, which knows what to do where there is none.

CREATE SCHEMA IF NOT EXISTS audit;

CREATE TABLE audit.logs (
  -- Identity
  id BIGSERIAL PRIMARY KEY,
  event_id VARCHAR(50) NOT NULL UNIQUE,
  sequence_number BIGINT NOT NULL,

  -- Timestamp (immutable)
  timestamp TIMESTAMPTZ NOT NULL DEFAULT NOW(),

  -- Event details
  event_type VARCHAR(100) NOT NULL,
  tenant_id VARCHAR(50) NOT NULL,

  -- Actor (who did it)
  actor_type VARCHAR(50) NOT NULL,
  actor_id VARCHAR(50) NOT NULL,
  actor_email VARCHAR(255),
  actor_ip_address INET,

  -- Resource (what was affected)
  resource_type VARCHAR(100) NOT NULL,
  resource_id VARCHAR(50) NOT NULL,
  endpoint VARCHAR(500),
  http_method VARCHAR(10),

  -- Change tracking
  changes JSONB,
  resource_before JSONB,
  resource_after JSONB,

  -- Tamper-proof hash chain
  previous_hash VARCHAR(64),
  event_hash VARCHAR(64) NOT NULL,

  -- Metadata
  request_id VARCHAR(50),
  session_id VARCHAR(50),
  user_agent TEXT,
  metadata JSONB,

  -- Indexes
  CONSTRAINT event_id_format CHECK (event_id ~ '^evt_[a-zA-Z0-9]+$')
);

-- Indexes for performance
CREATE INDEX idx_audit_logs_tenant ON audit.logs(tenant_id);
CREATE INDEX idx_audit_logs_timestamp ON audit.logs(timestamp DESC);
CREATE INDEX idx_audit_logs_event_type ON audit.logs(event_type);
CREATE INDEX idx_audit_logs_resource ON audit.logs(resource_type, resource_id);
CREATE INDEX idx_audit_logs_actor ON audit.logs(actor_id);
CREATE INDEX idx_audit_logs_sequence ON audit.logs(sequence_number);

-- Unique sequence per tenant (prevents race conditions)
CREATE UNIQUE INDEX idx_audit_logs_tenant_sequence
  ON audit.logs(tenant_id, sequence_number);

CREATE OR REPLACE FUNCTION audit.calculate_event_hash()
RETURNS TRIGGER AS $$
DECLARE
  last_hash VARCHAR(64);
  last_sequence BIGINT;
  hash_input TEXT;
BEGIN
  -- Get last event's hash and sequence for this tenant
  SELECT event_hash, sequence_number
  INTO last_hash, last_sequence
  FROM audit.logs
  WHERE tenant_id = NEW.tenant_id
  ORDER BY sequence_number DESC
  LIMIT 1;

  -- Set sequence number (increment or start at 1)
  IF last_sequence IS NULL THEN
    NEW.sequence_number := 1;
    NEW.previous_hash := NULL;
  ELSE
    NEW.sequence_number := last_sequence + 1;
    NEW.previous_hash := last_hash;
  END IF;

  -- Build hash input (canonical JSON representation)
  hash_input := json_build_object(
    'event_id', NEW.event_id,
    'sequence_number', NEW.sequence_number,
    'timestamp', NEW.timestamp,
    'event_type', NEW.event_type,
    'tenant_id', NEW.tenant_id,
    'actor_id', NEW.actor_id,
    'resource_type', NEW.resource_type,
    'resource_id', NEW.resource_id,
    'changes', NEW.changes,
    'previous_hash', NEW.previous_hash
  )::TEXT;

  -- Calculate SHA-256 hash
  NEW.event_hash := encode(
    digest(hash_input, 'sha256'),
    'hex'
  );

  RETURN NEW;
END;
$$ LANGUAGE plpgsql;

-- Attach trigger (BEFORE INSERT)
CREATE TRIGGER trigger_calculate_event_hash
  BEFORE INSERT ON audit.logs
  FOR EACH ROW
  EXECUTE FUNCTION audit.calculate_event_hash();

-- Trigger to prevent UPDATE
CREATE OR REPLACE FUNCTION audit.prevent_update()
RETURNS TRIGGER AS $$
BEGIN
  RAISE EXCEPTION 'Audit logs are immutable. UPDATE is not allowed.';
END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER trigger_prevent_update
  BEFORE UPDATE ON audit.logs
  FOR EACH ROW
  EXECUTE FUNCTION audit.prevent_update();

-- Trigger to prevent DELETE
CREATE OR REPLACE FUNCTION audit.prevent_delete()
RETURNS TRIGGER AS $$
BEGIN
  RAISE EXCEPTION 'Audit logs are immutable. DELETE is not allowed.';
END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER trigger_prevent_delete
  BEFORE DELETE ON audit.logs
  FOR EACH ROW
  EXECUTE FUNCTION audit.prevent_delete();

-- Prevent TRUNCATE at table level
ALTER TABLE audit.logs SET (
  autovacuum_enabled = true,
  toast_tuple_target = 8160
);

-- Additional protection: Revoke UPDATE/DELETE permissions
REVOKE UPDATE, DELETE, TRUNCATE ON audit.logs FROM PUBLIC;

CREATE OR REPLACE FUNCTION audit.log_event(
  p_event_type VARCHAR,
  p_tenant_id VARCHAR,
  p_actor_type VARCHAR,
  p_actor_id VARCHAR,
  p_actor_email VARCHAR,
  p_actor_ip_address INET,
  p_resource_type VARCHAR,
  p_resource_id VARCHAR,
  p_endpoint VARCHAR,
  p_http_method VARCHAR,
  p_changes JSONB DEFAULT NULL,
  p_resource_before JSONB DEFAULT NULL,
  p_resource_after JSONB DEFAULT NULL,
  p_request_id VARCHAR DEFAULT NULL,
  p_session_id VARCHAR DEFAULT NULL,
  p_user_agent TEXT DEFAULT NULL,
  p_metadata JSONB DEFAULT NULL
)
RETURNS VARCHAR AS $$
DECLARE
  v_event_id VARCHAR;
BEGIN
  -- Generate event ID
  v_event_id := 'evt_' || encode(gen_random_bytes(16), 'hex');

  -- Insert audit log (trigger will calculate hash)
  INSERT INTO audit.logs (
    event_id,
    event_type,
    tenant_id,
    actor_type,
    actor_id,
    actor_email,
    actor_ip_address,
    resource_type,
    resource_id,
    endpoint,
    http_method,
    changes,
    resource_before,
    resource_after,
    request_id,
    session_id,
    user_agent,
    metadata
  ) VALUES (
    v_event_id,
    p_event_type,
    p_tenant_id,
    p_actor_type,
    p_actor_id,
    p_actor_email,
    p_actor_ip_address,
    p_resource_type,
    p_resource_id,
    p_endpoint,
    p_http_method,
    p_changes,
    p_resource_before,
    p_resource_after,
    p_request_id,
    p_session_id,
    p_user_agent,
    p_metadata
  );

  RETURN v_event_id;
END;
$$ LANGUAGE plpgsql;
