-- UPDATE is refused for everyone, unless old row, new row and chain prove an erasure: no flag, role or
-- setting authorises one.

-- Values are compared as the text that is sealed: jsonb calls 1.10 and 1.1 equal, the seal does not.
CREATE OR REPLACE FUNCTION audit.erasure_step_problem(p_old audit.logs, p_new audit.logs, p_step text[])
RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  part text;
BEGIN
  IF (p_old.id, p_old.tenant_id, p_old.sequence_number, p_old.event_id, p_old.timestamp, p_old.event_type,
      p_old.actor_type, p_old.resource_type, p_old.resource_id, p_old.http_method, p_old.request_id,
      p_old.previous_hash, p_old.event_hash, p_old.hash_version)
     IS DISTINCT FROM
     (p_new.id, p_new.tenant_id, p_new.sequence_number, p_new.event_id, p_new.timestamp, p_new.event_type,
      p_new.actor_type, p_new.resource_type, p_new.resource_id, p_new.http_method, p_new.request_id,
      p_new.previous_hash, p_new.event_hash, p_new.hash_version) THEN
    RETURN 'only columns of an erased part may change';
  ELSIF lower(p_old.event_type COLLATE "C") LIKE 'audit.%' THEN
    RETURN 'an audit.* event can never be erased';
  ELSIF NOT audit.event_verifies(p_old) THEN
    RETURN 'it does not verify, erasing it would destroy evidence';
  END IF;
  FOREACH part IN ARRAY ARRAY['identity', 'changes', 'snapshots', 'details'] LOOP
    IF part <> ALL (p_step) THEN
      IF audit.part_text(p_new, part) IS DISTINCT FROM audit.part_text(p_old, part) THEN
        RETURN format('part %s changes without being erased', part);
      END IF;
    ELSIF NOT audit.holds_part(p_old, part) THEN
      RETURN format('part %s holds nothing that could be erased', part);
    ELSIF part <> 'identity' AND audit.part_text(p_new, part) IS NOT NULL THEN
      RETURN format('part %s is not empty afterwards', part);
    ELSIF part = 'identity' AND (p_new.actor_id IS NULL OR p_new.actor_ip_address IS NOT NULL
                                 OR p_new.session_id IS NOT NULL OR p_new.user_agent IS NOT NULL) THEN
      RETURN 'part identity keeps more than actor_id and actor_email, or no actor_id';
    ELSIF part = 'identity' AND p_old.hash_version = 1 AND p_new.actor_id <> p_old.actor_id THEN
      RETURN 'a version 1 event''s actor_id is in its hash and has to stay';
    END IF;
  END LOOP;
  IF p_new.part_salts IS DISTINCT FROM audit.erasure_salts(p_old.part_salts, p_step) THEN
    RETURN 'the salts are not the old ones with those of the erased parts overwritten by zeros';
  ELSIF p_new.erased_parts IS DISTINCT FROM audit.erasure_marks(p_old, p_step) THEN
    RETURN 'erased_parts does not record the digests of what is erased';
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION audit.erasure_step_problem(audit.logs, audit.logs, text[]) IS
  'Why this change of a row is not exactly the erasure of these parts, as a sentence; NULL where it is';

CREATE OR REPLACE FUNCTION audit.refuse_update() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  step text[];
  uncovered text[];
  cover audit.logs;
  problem text;
BEGIN
  IF jsonb_typeof(NEW.erased_parts) = 'object' THEN
    SELECT array_agg(part) INTO step FROM jsonb_object_keys(NEW.erased_parts) AS k(part)
      WHERE audit.part_slice(part) IS NOT NULL AND (OLD.erased_parts IS NULL OR NOT OLD.erased_parts ? part);
  END IF;
  IF step IS NULL THEN
    RAISE EXCEPTION 'Audit logs are immutable. UPDATE is not allowed.' USING ERRCODE = 'restrict_violation';
  END IF;
  problem := audit.erasure_step_problem(OLD, NEW, step);
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION 'Audit logs are immutable. Event % is not erased: %.', OLD.sequence_number, problem
      USING ERRCODE = 'restrict_violation';
  END IF;

  -- Newest first: the event that this erasure has just written.
  uncovered := step;
  FOR cover IN
    SELECT l.* FROM audit.logs l
    WHERE l.tenant_id = OLD.tenant_id AND l.event_type = 'audit.erased' AND l.sequence_number > OLD.sequence_number
    ORDER BY l.sequence_number DESC
  LOOP
    SELECT array_agg(part) INTO uncovered FROM unnest(uncovered) AS u(part)
      WHERE NOT audit.names_erasure(cover.metadata, OLD.sequence_number, part, NEW.actor_id, NEW.actor_email)
         OR NOT audit.carries_authority(cover);
    EXIT WHEN uncovered IS NULL;
  END LOOP;
  IF uncovered IS NOT NULL THEN
    RAISE EXCEPTION 'Audit logs are immutable. Event % is not erased: no later audit.erased event of its tenant names it so.',
      OLD.sequence_number USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION audit.refuse_update() IS
  'Trigger: refuses every UPDATE that is not, by old row, new row and chain, an erasure';

CREATE OR REPLACE TRIGGER logs_90_refuse_update BEFORE UPDATE ON audit.logs
  FOR EACH ROW EXECUTE FUNCTION audit.refuse_update();
ALTER TABLE audit.logs ENABLE ALWAYS TRIGGER logs_90_refuse_update;
COMMENT ON TRIGGER logs_90_refuse_update ON audit.logs IS
  'UPDATE is refused, also under session_replication_role = replica, unless it is proven to be an erasure';
