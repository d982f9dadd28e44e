-- Sealing in the layout by time range. A row is routed by its timestamp before any trigger runs, and a BEFORE
-- trigger may not move it to another partition; no unique key can span partitions. So, all under the chain's lock:
--   the head      is looked for in the partition that audit.chain_places names, else in every partition
--   the time      is what the clock says where that lies in the row's partition, else as near as time_within allows
--   the event_id  is drawn by the sealing trigger, or looked for in every partition

-- Without SET, for it runs once per event that brings its event_id: every name is qualified instead.
CREATE OR REPLACE FUNCTION audit.refuse_second(p_tenant_id varchar, p_event_id varchar) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM audit.logs l WHERE l.tenant_id OPERATOR(pg_catalog.=) p_tenant_id
    AND l.event_id OPERATOR(pg_catalog.=) p_event_id LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'duplicate key value violates the rule that an event_id occurs once in its tenant'
      USING ERRCODE = 'unique_violation', CONSTRAINT = 'logs_tenant_id_event_id_key', SCHEMA = 'audit', TABLE = 'logs',
            DETAIL = pg_catalog.format('Key (tenant_id, event_id)=(%s, %s) already exists.', p_tenant_id, p_event_id);
  END IF;
END
$$;
COMMENT ON FUNCTION audit.refuse_second(varchar, varchar) IS
  'Raises 23505 where the tenant has an event of this event_id already, in whichever partition';

CREATE OR REPLACE FUNCTION audit.enter_partition(
  p_tenant_id varchar, p_partition oid, p_routed timestamptz,
  OUT head_sequence bigint, OUT head_hash varchar, OUT head_time timestamptz, OUT span tstzrange)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT l.sequence_number, l.event_hash, l.timestamp INTO head_sequence, head_hash, head_time
    FROM audit.logs l WHERE l.tenant_id = p_tenant_id ORDER BY l.sequence_number DESC LIMIT 1;
  span := audit.partition_span(p_partition, p_routed);
  -- Two steps: what is inserted never counts (see void_place).
  INSERT INTO audit.chain_places (tenant_id) VALUES (p_tenant_id) ON CONFLICT DO NOTHING;
  UPDATE audit.chain_places p
    SET partition = (SELECT c.relname FROM pg_class c WHERE c.oid = p_partition), span = enter_partition.span,
        first_sequence = coalesce(enter_partition.head_sequence, 0) + 1
    WHERE p.tenant_id = p_tenant_id;
END
$$;
COMMENT ON FUNCTION audit.enter_partition(varchar, oid, timestamptz) IS
  'Returns a chain''s head, asking every partition, and the times that the partition of its next event takes; notes '
  'that the head will lie there. Only under the chain''s lock';

-- Only where the time that the event should bear lies outside the partition that it was routed to.
CREATE OR REPLACE FUNCTION audit.time_within(
  p_span tstzrange, p_wanted timestamptz, p_clock timestamptz, p_head_time timestamptz, p_routed timestamptz)
RETURNS timestamptz LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  minute constant interval := make_interval(secs => 60);
  began constant timestamptz := transaction_timestamp();
  nearest timestamptz := CASE WHEN p_wanted >= upper(p_span) THEN upper(p_span) - interval '1 microsecond'
                              ELSE lower(p_span) END;
BEGIN
  IF p_routed IS NULL THEN
    RAISE EXCEPTION 'timestamp must not be NULL: leave the column out, the log sets it' USING ERRCODE = 'not_null_violation';
  ELSIF nearest BETWEEN p_clock - minute AND p_clock + minute
        AND (nearest < p_head_time AND p_head_time <= p_clock + minute) IS NOT TRUE THEN
    RETURN nearest;
  ELSIF p_routed BETWEEN least(began, p_clock) - minute AND greatest(began, p_clock) + minute THEN
    RAISE EXCEPTION 'could not serialize access: the partition of this event''s time ended while it waited'
      USING ERRCODE = 'serialization_failure', HINT = 'insert it again; audit.log_event never meets this';
  END IF;
  RAISE EXCEPTION 'the time of an event is set by the log; this INSERT names one of another partition: %', p_routed
    USING ERRCODE = 'invalid_parameter_value', HINT = 'leave the column timestamp out, or use audit.log_event';
END
$$;
COMMENT ON FUNCTION audit.time_within(tstzrange, timestamptz, timestamptz, timestamptz, timestamptz) IS
  'Returns the time nearest to the wanted one that the partition takes, within a minute of the clock and not before '
  'the head; else raises 40001 for a time that the clock gave, 22023 for one that the INSERT named';

-- A writer who waits for the chain over the turn of a month must not find its row in last month's partition: so
-- the lock comes first, then the time. Called within the INSERT, which holds its lock on audit.logs by then.
CREATE OR REPLACE FUNCTION audit.take_turn(p_tenant_id varchar) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  place record;
  true_time timestamptz;
  head_time timestamptz;
BEGIN
  -- The log's own chain is not for writers to hold.
  IF p_tenant_id IS NULL OR p_tenant_id = '_audit' THEN
    RETURN clock_timestamp();
  END IF;
  INSERT INTO audit.chains AS c (tenant_id, holder, since)
    VALUES (p_tenant_id, pg_current_xact_id(), transaction_timestamp())
    ON CONFLICT (tenant_id) DO UPDATE SET holder = EXCLUDED.holder, since = EXCLUDED.since
    WHERE (c.holder, c.since) IS DISTINCT FROM (pg_current_xact_id(), transaction_timestamp());
  SELECT p.partition, p.span INTO place FROM audit.chain_places p WHERE p.tenant_id = p_tenant_id;
  true_time := clock_timestamp();
  IF place.partition IS NOT NULL AND place.span @> true_time THEN
    RETURN true_time; -- the head lies in the same partition, so the later of both times does too
  END IF;
  SELECT l.timestamp INTO head_time
    FROM audit.logs l WHERE l.tenant_id = p_tenant_id ORDER BY l.sequence_number DESC LIMIT 1;
  RETURN CASE WHEN head_time > true_time AND head_time <= true_time + make_interval(secs => 60)
              THEN head_time ELSE true_time END;
END
$$;
COMMENT ON FUNCTION audit.take_turn(varchar) IS
  'Waits for a chain as sealing does, then returns the time by which its next event is to be routed';

-- Rows that come another way (replication, a restore under session_replication_role = replica) may carry the head on.
CREATE OR REPLACE FUNCTION audit.forget_place() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE audit.chain_places p SET partition = NULL WHERE p.tenant_id = NEW.tenant_id AND p.partition IS NOT NULL;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION audit.forget_place() IS
  'Trigger of replication: the head of this chain has to be looked up again';

CREATE OR REPLACE FUNCTION audit.void_place() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW.partition := NULL;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION audit.void_place() IS
  'Trigger: a row that was copied into audit.chain_places says nothing about this log';

DO $places$
BEGIN
  IF current_setting('audit_install.layout') <> 'partitioned' THEN
    RETURN;
  END IF;
  CREATE OR REPLACE TRIGGER logs_20_forget_place BEFORE INSERT ON audit.logs
    FOR EACH ROW EXECUTE FUNCTION audit.forget_place();
  ALTER TABLE audit.logs ENABLE REPLICA TRIGGER logs_20_forget_place;
  COMMENT ON TRIGGER logs_20_forget_place ON audit.logs IS
    'Fires for replication and restore alone: they bring rows that no writer''s lock has seen';
  CREATE OR REPLACE TRIGGER chain_places_10_void BEFORE INSERT ON audit.chain_places
    FOR EACH ROW EXECUTE FUNCTION audit.void_place();
  ALTER TABLE audit.chain_places ENABLE ALWAYS TRIGGER chain_places_10_void;
  COMMENT ON TRIGGER chain_places_10_void ON audit.chain_places IS 'Copied rows do not count';
  UPDATE audit.chain_places SET partition = NULL WHERE partition IS NOT NULL;
END
$places$;
