-- Sealing: what happens to every row that is inserted, by whatever road.

CREATE OR REPLACE FUNCTION audit.seal_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  head_sequence  bigint;
  head_hash      varchar(64);
  head_time      timestamptz;
  true_time      timestamptz;
  identity_text  text;
  changes_text   text;
  snapshots_text text;
  details_text   text;
BEGIN
  -- A restore of rows that are already sealed must never be sealed anew: that would bless any forgery.
  IF NEW.event_hash IS NOT NULL AND NEW.part_salts IS NOT NULL THEN
    RAISE EXCEPTION 'this event is already sealed; inserting it would seal it anew'
      USING ERRCODE = 'restrict_violation',
            HINT = 'restore the whole dump with pg_restore, or data alone under session_replication_role = replica';
  END IF;

  -- What a constraint would refuse is refused here, before the head is read: the DETAIL of a constraint's
  -- error would show a writer the hash and salts that stand in the row by then.
  IF NEW.tenant_id IS NULL OR NEW.event_id IS NULL OR NEW.event_type IS NULL OR NEW.actor_type IS NULL
     OR NEW.actor_id IS NULL OR NEW.resource_type IS NULL OR NEW.resource_id IS NULL THEN
    RAISE EXCEPTION 'tenant_id, event_id, event_type, actor_type, actor_id, resource_type and resource_id must not be NULL'
      USING ERRCODE = 'not_null_violation';
  END IF;
  IF NEW.event_id !~ '^evt_[a-zA-Z0-9]+$' THEN
    RAISE EXCEPTION 'event_id must be evt_ and letters or digits' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.erased_parts IS NOT NULL THEN
    RAISE EXCEPTION 'an event cannot be born erased' USING ERRCODE = 'check_violation';
  END IF;

  -- The texts the seal is over: rendered once, here, so that an event that no reader could render is refused.
  identity_text := audit.identity_text(
    NEW.actor_id, NEW.actor_email, NEW.actor_ip_address, NEW.session_id, NEW.user_agent);
  changes_text := NEW.changes::text;
  snapshots_text := audit.snapshots_text(NEW.resource_before, NEW.resource_after);
  details_text := audit.details_text(NEW.metadata, NEW.endpoint);
  IF octet_length(identity_text)::bigint + coalesce(octet_length(changes_text), 0)
     + coalesce(octet_length(snapshots_text), 0) + coalesce(octet_length(details_text), 0) > 536870912 THEN
    RAISE EXCEPTION 'the event''s text is longer than 512 MiB: it could be stored, but never be read again'
      USING ERRCODE = 'program_limit_exceeded';
  END IF;

  -- One writer of a chain at a time. This locks always and writes once per transaction; comparing the
  -- transaction's time as well keeps a number that a restored cluster hands out again from passing unlocked.
  INSERT INTO audit.chains AS c (tenant_id, holder, since)
    VALUES (NEW.tenant_id, pg_current_xact_id(), transaction_timestamp())
    ON CONFLICT (tenant_id) DO UPDATE SET holder = EXCLUDED.holder, since = EXCLUDED.since
    WHERE (c.holder, c.since) IS DISTINCT FROM (pg_current_xact_id(), transaction_timestamp());

  SELECT l.sequence_number, l.event_hash, l.timestamp INTO head_sequence, head_hash, head_time
    FROM audit.logs l WHERE l.tenant_id = NEW.tenant_id ORDER BY l.sequence_number DESC LIMIT 1;

  true_time := clock_timestamp();
  IF TG_ARGV[0] = 'history' THEN
    IF NEW.timestamp IS NULL OR NEW.timestamp > true_time OR NEW.timestamp < '0001-01-01 00:00:00+00'
       OR NEW.timestamp < head_time THEN
      RAISE EXCEPTION 'the time of imported event % is missing, in the future, or before the event it follows', NEW.event_id
        USING ERRCODE = 'check_violation';
    END IF;
  ELSIF head_time > true_time AND head_time <= true_time + make_interval(secs => 60) THEN
    NEW.timestamp := head_time;
  ELSE
    -- Further ahead than a minute the head's clock had jumped: one event must not freeze the tenant's time.
    NEW.timestamp := true_time;
  END IF;

  NEW.sequence_number := coalesce(head_sequence, 0) + 1;
  NEW.previous_hash := head_hash;
  NEW.hash_version := 2;
  -- 64 unpredictable bytes from 366 random bits: one slice tells nothing about another.
  NEW.part_salts := sha512(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
  NEW.event_hash := audit.seal_v2(
    NEW.tenant_id, NEW.sequence_number, NEW.previous_hash, NEW.event_id, audit.occurred_us(NEW.timestamp),
    NEW.event_type, NEW.actor_type, NEW.resource_type, NEW.resource_id, NEW.http_method, NEW.request_id,
    audit.part_digest(NEW.part_salts, 0, identity_text), audit.part_digest(NEW.part_salts, 1, changes_text),
    audit.part_digest(NEW.part_salts, 2, snapshots_text), audit.part_digest(NEW.part_salts, 3, details_text));
  RETURN NEW;
END
$$;

COMMENT ON FUNCTION audit.seal_event() IS
  'Trigger: sets sequence, link, time, version, salts and hash of every inserted event, whatever the caller passed';

CREATE OR REPLACE FUNCTION audit.refuse_reserved_type() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'event types that begin with "audit." are reserved for the audit schema itself'
    USING ERRCODE = 'insufficient_privilege';
END
$$;

COMMENT ON FUNCTION audit.refuse_reserved_type() IS
  'Trigger: refuses an event type that only the audit schema itself may log';

-- The conditions are evaluated as the one who inserts and were bound when the trigger was made: neither a
-- SECURITY DEFINER function, a view, a search_path nor any other setting of a session changes them.
-- Under the "C" collation lower() means the same in every locale (in Turkish, AUDIT would not become audit).
CREATE OR REPLACE TRIGGER logs_10_reserved BEFORE INSERT ON audit.logs FOR EACH ROW
  WHEN (current_user <> 'audit_owner' AND lower(NEW.event_type COLLATE "C") LIKE 'audit.%')
  EXECUTE FUNCTION audit.refuse_reserved_type();

-- Exclusive, and in this order: the first sets hash_version to 2, which the second never takes.
CREATE OR REPLACE TRIGGER logs_90_seal BEFORE INSERT ON audit.logs FOR EACH ROW
  WHEN (current_user <> 'audit_owner' OR NEW.hash_version IS DISTINCT FROM 0)
  EXECUTE FUNCTION audit.seal_event();
CREATE OR REPLACE TRIGGER logs_91_seal_history BEFORE INSERT ON audit.logs FOR EACH ROW
  WHEN (current_user = 'audit_owner' AND NEW.hash_version = 0)
  EXECUTE FUNCTION audit.seal_event('history');

-- Origin: replication and a restore under session_replication_role = replica bring rows as they were sealed.
-- (A restore with --disable-triggers leaves ORIGIN as well; CREATE OR REPLACE TRIGGER sets it in any case.)
COMMENT ON TRIGGER logs_10_reserved ON audit.logs IS
  'Event types audit.* are for the owner role alone, judged by who really inserts';
COMMENT ON TRIGGER logs_90_seal ON audit.logs IS
  'Seals every event with the true time; no BEFORE INSERT trigger may sort after the sealing ones';
COMMENT ON TRIGGER logs_91_seal_history ON audit.logs IS
  'Seals history that the owner role imports (hash_version 0), keeping the time it gives';
