-- The guide's step 7, kept word for word.

CREATE OR REPLACE FUNCTION audit.verify_chain(p_tenant_id VARCHAR)
RETURNS TABLE(
  is_valid BOOLEAN,
  broken_at_sequence BIGINT,
  broken_event_id VARCHAR,
  message TEXT
) AS $$
DECLARE
  v_record RECORD;
  v_expected_hash VARCHAR(64);
  v_hash_input TEXT;
BEGIN
  FOR v_record IN
    SELECT *
    FROM audit.logs
    WHERE tenant_id = p_tenant_id
    ORDER BY sequence_number ASC
  LOOP
    -- Build expected hash
    v_hash_input := json_build_object(
      'event_id', v_record.event_id,
      'sequence_number', v_record.sequence_number,
      'timestamp', v_record.timestamp,
      'event_type', v_record.event_type,
      'tenant_id', v_record.tenant_id,
      'actor_id', v_record.actor_id,
      'resource_type', v_record.resource_type,
      'resource_id', v_record.resource_id,
      'changes', v_record.changes,
      'previous_hash', v_record.previous_hash
    )::TEXT;

    v_expected_hash := encode(
      digest(v_hash_input, 'sha256'),
      'hex'
    );

    -- Check if hash matches
    IF v_record.event_hash != v_expected_hash THEN
      RETURN QUERY SELECT
        false,
        v_record.sequence_number,
        v_record.event_id,
        'Hash mismatch detected - audit log has been tampered with!'::TEXT;
      RETURN;
    END IF;
  END LOOP;

  -- All hashes valid
  RETURN QUERY SELECT
    true,
    NULL::BIGINT,
    NULL::VARCHAR,
    'Audit chain is valid - no tampering detected'::TEXT;
END;
$$ LANGUAGE plpgsql;
