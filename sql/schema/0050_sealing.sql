-- Sealing: what happens to every row that is inserted, by whatever road. Two triggers: the first runs as whoever
-- inserts and knows them, the second runs as the owner and seals. (Measured: a WHEN condition costs more per
-- statement than a trigger function, and these two run for every event of an application.)

-- Event types audit.* and the tenant _audit (the schema's own chain) belong to the owner role, judged by who really
-- inserts: neither a SECURITY DEFINER function, a view nor a setting of a session makes anyone else the current user.
-- History (hash_version 0) likewise.
-- No SET, for speed: every name is qualified instead, so a search_path of the caller's changes nothing. Under the
-- "C" collation lower() means the same in every locale (in Turkish, AUDIT would not become audit).
CREATE OR REPLACE FUNCTION audit.guard_insert() RETURNS trigger
LANGUAGE plpgsql SECURITY INVOKER AS $$
BEGIN
  IF current_user OPERATOR(pg_catalog.<>) 'audit_owner'::pg_catalog.name
     AND (NEW.hash_version OPERATOR(pg_catalog.=) 0
          OR NEW.tenant_id::pg_catalog.text OPERATOR(pg_catalog.=) '_audit'
          OR pg_catalog.lower(NEW.event_type COLLATE pg_catalog."C") OPERATOR(pg_catalog.~~) 'audit.%') THEN
    IF pg_catalog.lower(NEW.event_type COLLATE pg_catalog."C") OPERATOR(pg_catalog.~~) 'audit.%' THEN
      RAISE EXCEPTION 'event types that begin with "audit." are reserved for the audit schema itself'
        USING ERRCODE = 'insufficient_privilege';
    ELSIF NEW.tenant_id::pg_catalog.text OPERATOR(pg_catalog.=) '_audit' THEN
      RAISE EXCEPTION 'the tenant "_audit" is reserved for the audit schema itself'
        USING ERRCODE = 'insufficient_privilege';
    END IF;
    NEW.hash_version := NULL;
  END IF;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION audit.guard_insert() IS
  'Trigger, as whoever inserts: reserved event types, the tenant _audit and given times are for the owner role';

-- What a constraint would refuse is refused before the head is read: the DETAIL of a constraint's error would
-- show a writer the hash and salts that stand in the row by then.
CREATE OR REPLACE FUNCTION audit.refuse_event(p_event audit.logs) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_event.event_hash IS NOT NULL AND p_event.part_salts IS NOT NULL THEN
    -- Sealing a restored row anew would bless whatever stands in it.
    RAISE EXCEPTION 'this event is already sealed; inserting it would seal it anew'
      USING ERRCODE = 'restrict_violation',
            HINT = 'restore the whole dump with pg_restore, or data alone under session_replication_role = replica';
  ELSIF p_event.erased_parts IS NOT NULL THEN
    RAISE EXCEPTION 'an event cannot be born erased' USING ERRCODE = 'check_violation';
  ELSIF p_event.event_id !~ '^evt_[a-zA-Z0-9]+$' THEN
    RAISE EXCEPTION 'event_id must be evt_ and letters or digits' USING ERRCODE = 'check_violation';
  END IF;
  RAISE EXCEPTION 'tenant_id, event_id, event_type, actor_type, actor_id, resource_type and resource_id must not be NULL'
    USING ERRCODE = 'not_null_violation';
END
$$;
COMMENT ON FUNCTION audit.refuse_event(audit.logs) IS
  'Raises what is wrong with an event that cannot be sealed, without a word about the chain';

CREATE OR REPLACE FUNCTION audit.seal_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  head_sequence  bigint;
  head_hash      varchar(64);
  head_time      timestamptz;
  true_time      timestamptz;
  event_time     timestamptz;
  place          record; -- the layout by time range: where the head lies, which times the partition takes
  drawn          boolean := false;
  identity_text  text;
  changes_text   text;
  snapshots_text text;
  details_text   text;
BEGIN
  IF TG_NARGS > 0 AND NEW.event_id IS NULL THEN
    -- Drawn here it need not be looked for in every partition; audit.log_event reads it back.
    NEW.event_id := set_config('audit_tui.event_id', 'evt_' || replace(gen_random_uuid()::text, '-', ''), true);
    drawn := true;
  END IF;
  IF NEW.tenant_id IS NULL OR NEW.event_id IS NULL OR NEW.event_type IS NULL OR NEW.actor_type IS NULL
     OR NEW.actor_id IS NULL OR NEW.resource_type IS NULL OR NEW.resource_id IS NULL
     OR NEW.event_id !~ '^evt_[a-zA-Z0-9]+$' OR NEW.erased_parts IS NOT NULL
     OR NEW.event_hash IS NOT NULL AND NEW.part_salts IS NOT NULL THEN
    PERFORM audit.refuse_event(NEW);
  END IF;

  -- The texts the seal is over, rendered once and here, so that an event that no reader could render is refused.
  identity_text := audit.identity_text(
    NEW.actor_id, NEW.actor_email, NEW.actor_ip_address, NEW.session_id, NEW.user_agent);
  changes_text := NEW.changes::text;
  snapshots_text := audit.snapshots_text(NEW.resource_before, NEW.resource_after);
  details_text := audit.details_text(NEW.metadata, NEW.endpoint);
  IF octet_length(identity_text)::bigint + coalesce(octet_length(changes_text), 0)
     + coalesce(octet_length(snapshots_text), 0) + coalesce(octet_length(details_text), 0) > 16777216 THEN
    -- 10 bytes of a JSON number such as 1e131071 print 131 kB: few bytes of a writer's must not cost every reader,
    -- verifier and archive, which print each event they read, gigabytes. Plain text of that length is rare already.
    RAISE EXCEPTION 'the event''s text is longer than 16 MiB: whoever reads the log would have to print it each time'
      USING ERRCODE = 'program_limit_exceeded',
            HINT = 'log where the content lies and its hash; numbers such as 1e131071 are long when they are printed';
  END IF;

  -- One writer of a chain at a time. This locks always and writes once per transaction; comparing the
  -- transaction's time as well keeps a number that a restored cluster hands out again from passing unlocked.
  INSERT INTO audit.chains AS c (tenant_id, holder, since)
    VALUES (NEW.tenant_id, pg_current_xact_id(), transaction_timestamp())
    ON CONFLICT (tenant_id) DO UPDATE SET holder = EXCLUDED.holder, since = EXCLUDED.since
    WHERE (c.holder, c.since) IS DISTINCT FROM (pg_current_xact_id(), transaction_timestamp());

  IF TG_NARGS = 0 THEN
    SELECT l.sequence_number, l.event_hash, l.timestamp INTO head_sequence, head_hash, head_time
      FROM audit.logs l WHERE l.tenant_id = NEW.tenant_id ORDER BY l.sequence_number DESC LIMIT 1;
  ELSE
    SELECT p.partition, p.span, p.first_sequence INTO place FROM audit.chain_places p WHERE p.tenant_id = NEW.tenant_id;
    -- One partition, found while the plan starts; a plan made anew for that one alone costs three times as much.
    IF place.partition = TG_TABLE_NAME AND place.span @> NEW.timestamp THEN
      SELECT l.sequence_number, l.event_hash, l.timestamp INTO head_sequence, head_hash, head_time
        FROM audit.logs l WHERE l.tenant_id = NEW.tenant_id
          AND l.timestamp >= coalesce(lower(place.span), '-infinity') AND l.timestamp < coalesce(upper(place.span), 'infinity')
        ORDER BY l.sequence_number DESC LIMIT 1;
    END IF;
    IF (head_sequence >= place.first_sequence) IS NOT TRUE THEN
      SELECT e.head_sequence, e.head_hash, e.head_time, e.span INTO head_sequence, head_hash, head_time, place.span
        FROM audit.enter_partition(NEW.tenant_id, TG_RELID, NEW.timestamp) e;
    END IF;
    IF NOT drawn THEN
      PERFORM audit.refuse_second(NEW.tenant_id, NEW.event_id);
    END IF;
    NEW.id := coalesce(NEW.id, nextval('audit.logs_id_seq'));
  END IF;

  true_time := clock_timestamp();
  IF NEW.hash_version = 0 THEN
    -- History, and audit.guard_insert has seen that it is the owner role who brings it.
    IF NEW.timestamp IS NULL OR NEW.timestamp > true_time OR NEW.timestamp < '0001-01-01 00:00:00+00'
       OR NEW.timestamp < head_time THEN
      RAISE EXCEPTION 'the time of imported event % is missing, in the future, or before the event it follows', NEW.event_id
        USING ERRCODE = 'check_violation';
    END IF;
  ELSE
    -- Further ahead than a minute the head's clock had jumped: one event must not freeze the tenant's time.
    event_time := CASE WHEN head_time > true_time AND head_time <= true_time + make_interval(secs => 60)
                       THEN head_time ELSE true_time END;
    IF TG_NARGS > 0 THEN
      IF (place.span @> event_time) IS NOT TRUE THEN
        event_time := audit.time_within(place.span, event_time, true_time, head_time, NEW.timestamp);
      END IF;
    END IF;
    NEW.timestamp := event_time;
  END IF;

  NEW.sequence_number := coalesce(head_sequence, 0) + 1;
  NEW.previous_hash := head_hash;
  NEW.hash_version := 2;
  -- 64 unpredictable bytes from 244 random bits: one slice tells nothing about another.
  NEW.part_salts := sha512(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
  NEW.event_hash := audit.seal_v2(
    NEW.tenant_id, NEW.sequence_number, head_hash, NEW.event_id, audit.occurred_us(NEW.timestamp),
    NEW.event_type, NEW.actor_type, NEW.resource_type, NEW.resource_id, NEW.http_method, NEW.request_id,
    audit.part_digest(NEW.part_salts, 0, identity_text), audit.part_digest(NEW.part_salts, 1, changes_text),
    audit.part_digest(NEW.part_salts, 2, snapshots_text), audit.part_digest(NEW.part_salts, 3, details_text));
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION audit.seal_event() IS
  'Trigger: sets sequence, link, time, version, salts and hash of every inserted event, whatever the caller passed';

-- Origin: replication and a restore under session_replication_role = replica bring rows as they were sealed.
CREATE OR REPLACE TRIGGER logs_10_guard_insert BEFORE INSERT ON audit.logs
  FOR EACH ROW EXECUTE FUNCTION audit.guard_insert();
DO $seal$
BEGIN
  IF current_setting('audit_install.layout') = 'partitioned' THEN
    CREATE OR REPLACE TRIGGER logs_90_seal_event BEFORE INSERT ON audit.logs
      FOR EACH ROW EXECUTE FUNCTION audit.seal_event('partitioned');
    ALTER FUNCTION audit.seal_event() SET plan_cache_mode = force_generic_plan;
  ELSE
    CREATE OR REPLACE TRIGGER logs_90_seal_event BEFORE INSERT ON audit.logs
      FOR EACH ROW EXECUTE FUNCTION audit.seal_event();
  END IF;
END
$seal$;
COMMENT ON TRIGGER logs_10_guard_insert ON audit.logs IS
  'Event types audit.*, the tenant _audit and given times are for the owner role, judged by who really inserts';
COMMENT ON TRIGGER logs_90_seal_event ON audit.logs IS
  'Seals every event; no BEFORE INSERT trigger may sort after it';
