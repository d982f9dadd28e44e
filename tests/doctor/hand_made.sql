-- What somebody makes of the guide who has closed its holes by hand.
CREATE OR REPLACE FUNCTION audit.calculate_event_hash() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  head record;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext(NEW.tenant_id));
  SELECT event_hash, sequence_number INTO head FROM audit.logs
    WHERE tenant_id = NEW.tenant_id ORDER BY sequence_number DESC LIMIT 1;
  NEW.timestamp := clock_timestamp();
  NEW.sequence_number := coalesce(head.sequence_number, 0) + 1;
  NEW.previous_hash := head.event_hash;
  NEW.event_hash := pg_catalog.encode(pg_catalog.sha256(convert_to(json_build_array(
    NEW.event_id, NEW.sequence_number, NEW.timestamp AT TIME ZONE 'UTC', NEW.event_type, NEW.tenant_id,
    NEW.actor_type, NEW.actor_id, NEW.actor_email, NEW.actor_ip_address, NEW.resource_type, NEW.resource_id,
    NEW.endpoint, NEW.http_method, NEW.changes, NEW.resource_before, NEW.resource_after, NEW.previous_hash,
    NEW.request_id, NEW.session_id, NEW.user_agent, NEW.metadata)::text, 'UTF8')), 'hex');
  RETURN NEW;
END
$$;
ALTER FUNCTION audit.log_event SET search_path = pg_catalog, public, pg_temp;
-- It still hashes with a lone SELECT per row, but links and gaps are compared, and every break is told.
CREATE OR REPLACE FUNCTION audit.verify_chain(p_tenant_id varchar)
RETURNS TABLE (is_valid boolean, broken_at_sequence bigint, broken_event_id varchar, message text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT false, c.sequence_number, c.event_id, 'broken'::text
  FROM (SELECT l.*, lag(l.event_hash) OVER w AS before, lag(l.sequence_number) OVER w AS at
        FROM audit.logs l WHERE l.tenant_id = p_tenant_id WINDOW w AS (ORDER BY l.sequence_number)) c
  WHERE c.previous_hash IS DISTINCT FROM c.before OR c.sequence_number <> coalesce(c.at, 0) + 1
$$;
CREATE OR REPLACE FUNCTION audit.prevent_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.event_hash <> OLD.event_hash THEN
    RAISE EXCEPTION 'Audit logs are immutable.';
  END IF;
  RETURN NEW;
END
$$;
CREATE FUNCTION audit.prevent_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Audit logs are immutable. TRUNCATE is not allowed.';
END
$$;
CREATE TRIGGER trigger_prevent_truncate BEFORE TRUNCATE ON audit.logs
  FOR EACH STATEMENT EXECUTE FUNCTION audit.prevent_truncate();
ALTER TABLE audit.logs ENABLE ALWAYS TRIGGER trigger_prevent_truncate,
  ENABLE ALWAYS TRIGGER trigger_prevent_update, ENABLE ALWAYS TRIGGER trigger_prevent_delete;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA audit FROM PUBLIC;
