-- The daily check: audit.check_and_alert() as the guide sketches it. It reads what is new since a tenant was last
-- found intact, so that a daily run costs a day's events.
--
-- What it remembers lies in this database, where an intruder who became owner or superuser can edit it: it is a
-- way to save work, and evidence only as long as nobody did. Heads that nobody here can edit are the client's
-- witnesses; and p_full reads every event, whatever is remembered.

CREATE TABLE IF NOT EXISTS audit.checked (
  tenant_id      varchar(50) CONSTRAINT checked_pkey PRIMARY KEY,
  sequence       bigint      NOT NULL,
  event_hash     varchar(64) NOT NULL,
  first_sequence bigint      NOT NULL,
  checked_at     timestamptz NOT NULL,
  walked_at      timestamptz NOT NULL
);
COMMENT ON TABLE audit.checked IS
  'Through where audit.check_and_alert found each tenant intact; no grants. A row is never moved back: after a '
  'restore that is accepted, the owner deletes it and the next run reads that chain from its beginning';
COMMENT ON COLUMN audit.checked.tenant_id IS 'Whose chain';
COMMENT ON COLUMN audit.checked.sequence IS 'Its head at the time';
COMMENT ON COLUMN audit.checked.event_hash IS 'The hash of that event: the next run begins by comparing it';
COMMENT ON COLUMN audit.checked.first_sequence IS 'Where the chain began at the time (1, or behind an archived prefix)';
COMMENT ON COLUMN audit.checked.checked_at IS 'When it was last found intact';
COMMENT ON COLUMN audit.checked.walked_at IS 'When every event of it was last read';
COMMENT ON CONSTRAINT checked_pkey ON audit.checked IS 'One row per tenant';
COMMENT ON INDEX audit.checked_pkey IS 'One row per tenant';

-- Bytes that are no text in the encoding of the database: a superuser can plant them, and whoever compares, converts
-- or sends them meets an error.
CREATE OR REPLACE FUNCTION audit.readable_text(p_text text)
RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM convert_to(p_text, 'UTF8'); -- raises for bytes that are no text
  RETURN p_text;
EXCEPTION WHEN data_exception THEN
  BEGIN
    RETURN encode(textsend(p_text), 'escape');
  EXCEPTION WHEN data_exception THEN -- where the client's encoding is another one, it converts too
    RETURN 'no text, md5 ' || md5(p_text);
  END;
END
$$;
COMMENT ON FUNCTION audit.readable_text(text) IS
  'The text as it is; where its bytes are no text, those as \ooo, or else their md5. Never an error';

-- A line of a log or of a terminal: what could act on it is written as \uXXXX, which JSON reads back.
CREATE OR REPLACE FUNCTION audit.alert_text(p_text text)
RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF getdatabaseencoding() <> 'UTF8' THEN
    RETURN regexp_replace(p_text, '[\x01-\x1f\x7f]', '?', 'g');
  END IF;
  PERFORM convert_from(convert_to(p_text, 'UTF8'), 'UTF8'); -- raises for bytes that are no text
  RETURN (
    SELECT coalesce(string_agg(CASE WHEN code < 32 OR code BETWEEN 127 AND 159 OR code IN (173, 1564, 6158, 65279)
                             OR code BETWEEN 8203 AND 8207 OR code BETWEEN 8232 AND 8238 OR code BETWEEN 8288 AND 8303
                           THEN '\u' || lpad(to_hex(code), 4, '0') ELSE letter END, '' ORDER BY place), p_text)
    FROM unnest(string_to_array(p_text, NULL)) WITH ORDINALITY AS l (letter, place), LATERAL ascii(letter) AS code);
EXCEPTION WHEN data_exception THEN
  RETURN audit.readable_text(p_text);
END
$$;
COMMENT ON FUNCTION audit.alert_text(text) IS
  'Text with every control and invisible character written as \uXXXX; never an error, also for broken bytes';

-- "Usually": at least five of the ten spans of that length that ended with its last event saw an event. Ten
-- look-ups by index. The schema's own audit.* events are not the application's, and do not count.
CREATE OR REPLACE FUNCTION audit.silent_since(p_tenant_id varchar, p_silence interval)
RETURNS timestamptz LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT last.timestamp
  FROM (SELECT recent.timestamp
        FROM (SELECT l.timestamp, l.sequence_number, l.event_type FROM audit.logs l
              WHERE l.tenant_id = p_tenant_id ORDER BY l.tenant_id DESC, l.sequence_number DESC LIMIT 1000) AS recent
        WHERE lower(recent.event_type COLLATE "C") NOT LIKE 'audit.%'
        ORDER BY recent.sequence_number DESC LIMIT 1) AS last
  WHERE CASE WHEN last.timestamp BETWEEN '0100-01-01 00:00:00+00' AND clock_timestamp() - p_silence
    THEN 5 <= (SELECT count(*) FROM generate_series(0, 9) AS k
              WHERE EXISTS (SELECT FROM audit.logs l
                            WHERE l.tenant_id = p_tenant_id
                              AND l.timestamp > last.timestamp - (k + 1) * p_silence
                              AND l.timestamp <= last.timestamp - k * p_silence
                              AND lower(l.event_type COLLATE "C") NOT LIKE 'audit.%')) END
$$;
COMMENT ON FUNCTION audit.silent_since(varchar, interval) IS
  'The time of a tenant''s last event, where it is longer ago than p_silence and the tenant usually logs: at least '
  'five of the ten spans of that length before it saw an event. Else NULL';

-- What was remembered is held against the chain in any case, also where the whole chain is read anyway.
CREATE OR REPLACE FUNCTION audit.check_memory(
  p_known audit.checked, p_first bigint, p_previous_hash varchar, p_head bigint,
  OUT broken_at bigint, OUT message text)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_hash varchar; -- what stands at the remembered place
BEGIN
  IF p_known.sequence > p_head THEN
    broken_at := p_head + 1; -- there is a larger one
    message := format('Events %s to %s were there when this tenant was last found intact, and are gone; or else the '
      'database was restored from a backup.', broken_at, p_known.sequence);
    RETURN;
  ELSIF p_known.sequence >= p_first THEN
    SELECT l.event_hash INTO v_hash FROM audit.logs l
      WHERE l.tenant_id = p_known.tenant_id AND l.sequence_number = p_known.sequence LIMIT 1;
  ELSIF p_known.sequence = p_first::numeric - 1 THEN
    v_hash := p_previous_hash; -- archived since; the first event that is left names it
  ELSE
    v_hash := p_known.event_hash; -- nothing remembered, or archived since with what came behind it
  END IF;
  IF v_hash IS DISTINCT FROM p_known.event_hash THEN
    broken_at := p_known.sequence;
    message := format('Event %s is missing or another one than when this tenant was last found intact: the chain was '
      'rewritten.', p_known.sequence);
  END IF;
END
$$;
COMMENT ON FUNCTION audit.check_memory(audit.checked, bigint, varchar, bigint) IS
  'Where and how a chain contradicts what audit.checked remembers of it; NULLs where it does not';

-- With the keys of the plain layout a row of audit.chains is committed with an event of its tenant, or not at all. A
-- key without the tenant lets ON CONFLICT DO NOTHING give up after the chain was taken, and so does audit.take_turn.
CREATE OR REPLACE FUNCTION audit.may_leave_no_event()
RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT (SELECT c.relkind <> 'r' FROM pg_class c WHERE c.oid = 'audit.logs'::regclass) OR EXISTS (
    SELECT FROM pg_index i
    WHERE i.indrelid = 'audit.logs'::regclass AND (i.indisunique OR i.indisexclusion)
      AND (SELECT a.attnum FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attname = 'tenant_id')
          <> ALL (i.indkey::int2[]))
$$;
COMMENT ON FUNCTION audit.may_leave_no_event() IS
  'Whether a writer can bring about a row of audit.chains without any event of that tenant';

-- Never writes. STABLE: every look at the chain sees one snapshot.
CREATE OR REPLACE FUNCTION audit.check_tenant(
  p_tenant_id varchar, p_full boolean,
  OUT is_valid boolean, OUT from_sequence bigint, OUT through_sequence bigint, OUT events_checked bigint,
  OUT findings bigint, OUT broken_at_sequence bigint, OUT broken_event_id varchar, OUT message text,
  OUT head_hash varchar, OUT first_sequence bigint)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  c_most constant numeric := 9223372036854775807;
  v_known audit.checked;
  v_previous_hash varchar; -- of the first event
  v_memory record;
  v_walk record;
BEGIN
  SELECT c.* INTO v_known FROM audit.checked c WHERE c.tenant_id = p_tenant_id;
  SELECT l.sequence_number, l.previous_hash INTO first_sequence, v_previous_hash FROM audit.logs l
    WHERE l.tenant_id = p_tenant_id AND l.sequence_number IS NOT NULL
    ORDER BY l.tenant_id, l.sequence_number LIMIT 1;
  SELECT l.sequence_number, l.event_hash INTO through_sequence, head_hash FROM audit.logs l
    WHERE l.tenant_id = p_tenant_id AND l.sequence_number IS NOT NULL
    ORDER BY l.tenant_id DESC, l.sequence_number DESC LIMIT 1;
  IF first_sequence IS NULL THEN
    events_checked := 0;
    IF v_known.sequence IS NULL AND audit.may_leave_no_event() THEN
      findings := 0;
      message := 'There are no events of this tenant, and it was never found with any: a row of audit.chains is left by '
        'an attempt to log that wrote nothing, and by events that went before the first check. If it never logged, '
        'the owner deletes that row.';
      RETURN;
    END IF;
    is_valid := false; findings := 1; broken_at_sequence := 1;
    message := 'Every event of this tenant is gone' || CASE WHEN v_known.sequence IS NULL THEN '.'
      ELSE format('; it was last found intact through event %s.', v_known.sequence) END;
    RETURN;
  END IF;

  SELECT m.* INTO v_memory FROM audit.check_memory(v_known, first_sequence, v_previous_hash, through_sequence) AS m;
  from_sequence := CASE
    WHEN p_full OR v_memory.message IS NOT NULL OR v_known.sequence IS NULL OR v_known.sequence < first_sequence
    THEN first_sequence ELSE least(v_known.sequence::numeric + 1, c_most) END;
  -- Sequences of an intruder's choice may lie further apart than a bigint can count.
  events_checked := least(greatest(through_sequence::numeric - from_sequence + 1, 0), c_most);
  SELECT w.* INTO v_walk FROM audit.check_walk(p_tenant_id, first_sequence, v_previous_hash, from_sequence,
                                               through_sequence) AS w;

  is_valid := CASE WHEN v_memory.message IS NOT NULL THEN false ELSE v_walk.is_valid END;
  findings := v_walk.findings + (v_memory.message IS NOT NULL)::int;
  broken_at_sequence := coalesce(v_memory.broken_at, v_walk.broken_at);
  broken_event_id := CASE WHEN v_memory.message IS NULL THEN v_walk.event_id END;
  message := coalesce(v_memory.message, v_walk.message, 'Nothing could be said.');
END
$$;
COMMENT ON FUNCTION audit.check_tenant(varchar, boolean) IS
  'What audit.check_and_alert says of one tenant: the events since it was last found intact, or every event';

-- Where the chain begins is looked at every time: a prefix may have gone that nobody archived.
CREATE OR REPLACE FUNCTION audit.check_walk(
  p_tenant_id varchar, p_first bigint, p_previous_hash varchar, p_from bigint, p_through bigint,
  OUT is_valid boolean, OUT findings bigint, OUT broken_at bigint, OUT event_id varchar, OUT message text)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  IF p_from > p_through THEN
    is_valid := true; findings := 0; message := 'No new events.';
  ELSE
    SELECT bool_and(r.is_valid), count(r.weight),
      (array_agg(r.first_sequence ORDER BY r.weight, r.first_sequence, r.last_sequence))[1],
      (array_agg(r.broken_event_id ORDER BY r.weight, r.first_sequence, r.last_sequence))[1],
      (array_agg(r.message ORDER BY r.weight, r.first_sequence, r.last_sequence))[1]
      INTO is_valid, findings, broken_at, event_id, message
      FROM (SELECT v.*, array_position('{tampered,inconclusive,suspicious}', v.severity) AS weight
            FROM audit.verify_range(p_tenant_id, CASE WHEN p_from > p_first THEN p_from END, p_through) AS v) AS r;
    IF findings = 0 THEN -- notices, or the sentence about a chain without findings
      broken_at := NULL; event_id := NULL;
      message := CASE WHEN is_valid THEN 'Audit chain is valid - no tampering detected' END;
    END IF;
  END IF;
  IF p_from > p_first AND NOT (p_first = 1 AND p_previous_hash IS NULL)
     AND NOT audit.verify_boundary(p_tenant_id, p_first, p_previous_hash, '{}') THEN
    findings := findings + 1; is_valid := false; broken_at := p_first; event_id := NULL;
    message := format('The chain begins at event %s as if something came before, and no archive boundary explains it.',
                      p_first);
  END IF;
END
$$;
COMMENT ON FUNCTION audit.check_walk(varchar, bigint, varchar, bigint, bigint) IS
  'The verdict on a range of a chain and on its beginning, with the gravest finding''s place and sentence';

CREATE OR REPLACE FUNCTION audit.check_and_alert(p_silence interval DEFAULT NULL, p_full boolean DEFAULT false)
RETURNS TABLE (
  tenant_id varchar, is_valid boolean, status text, from_sequence bigint, through_sequence bigint,
  events_checked bigint, findings bigint, broken_at_sequence bigint, broken_event_id varchar, message text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET row_security = off -- rows that a policy hid would be an error, not an intact chain
AS $$
#variable_conflict use_column
DECLARE
  v_started constant timestamptz := clock_timestamp();
  v_tenants varchar[];
  v_names text;
  v_said record;
  v_silent timestamptz;
  v_nameless boolean := EXISTS (SELECT FROM audit.logs l WHERE l.tenant_id IS NULL);
  v_intact audit.checked[] := '{}';
BEGIN
  IF p_silence <= interval '0' OR p_silence > interval '3650 days' THEN
    RAISE EXCEPTION 'p_silence must be longer than nothing and at most ten years'
      USING ERRCODE = 'invalid_parameter_value', HINT = 'SELECT * FROM audit.check_and_alert(p_silence => ''1 day'')';
  END IF;
  -- Everyone who has events, and everyone who had: each writer leaves a row in audit.chains.
  WITH RECURSIVE t AS (
    (SELECT l.tenant_id FROM audit.logs l WHERE l.tenant_id IS NOT NULL ORDER BY l.tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT l.tenant_id FROM audit.logs l WHERE l.tenant_id > t.tenant_id ORDER BY l.tenant_id LIMIT 1)
    FROM t WHERE t.tenant_id IS NOT NULL)
  SELECT array_agg(everyone.tenant_id ORDER BY everyone.tenant_id) INTO v_tenants
    FROM (SELECT t.tenant_id FROM t WHERE t.tenant_id IS NOT NULL UNION SELECT c.tenant_id FROM audit.checked c
          UNION SELECT h.tenant_id FROM audit.chains h) AS everyone;

  FOREACH tenant_id IN ARRAY coalesce(v_tenants, '{}') LOOP
    v_silent := NULL;
    BEGIN -- one tenant that cannot be checked hides none of the others
      SELECT c.* INTO v_said FROM audit.check_tenant(tenant_id, coalesce(p_full, false)) AS c;
      v_nameless := v_nameless OR EXISTS (SELECT FROM audit.logs l
                                          WHERE l.tenant_id = check_and_alert.tenant_id AND l.sequence_number IS NULL);
      v_silent := CASE WHEN p_silence IS NOT NULL THEN audit.silent_since(tenant_id, p_silence) END;
      is_valid := v_said.is_valid; from_sequence := v_said.from_sequence; through_sequence := v_said.through_sequence;
      events_checked := v_said.events_checked; findings := v_said.findings;
      broken_at_sequence := v_said.broken_at_sequence; broken_event_id := v_said.broken_event_id;
      message := v_said.message;
    EXCEPTION WHEN OTHERS THEN
      is_valid := NULL; from_sequence := NULL; through_sequence := NULL; events_checked := 0; findings := 0;
      broken_at_sequence := NULL; broken_event_id := NULL;
      message := 'This tenant could not be checked: ' || left(SQLERRM, 500);
    END;
    IF is_valid THEN
      v_intact := v_intact || ROW(tenant_id, through_sequence, v_said.head_hash, v_said.first_sequence, v_started,
        CASE WHEN from_sequence = v_said.first_sequence THEN v_started END)::audit.checked;
    END IF;
    status := CASE WHEN is_valid THEN CASE WHEN v_silent IS NULL THEN 'intact' ELSE 'silent' END
                   WHEN NOT is_valid THEN 'tampered' ELSE 'inconclusive' END;
    IF v_silent IS NOT NULL THEN
      message := rtrim(message, '.') || '. Silent: this tenant usually logs, and its last event was logged at '
        || to_char(v_silent AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC.';
    END IF;
    -- What no client could receive is returned as it can be shown; what is remembered above is exact.
    tenant_id := audit.readable_text(tenant_id); broken_event_id := audit.readable_text(broken_event_id);
    message := audit.readable_text(message);
    PERFORM audit.raise_alert(tenant_id, status, v_silent, broken_at_sequence, broken_event_id, findings, message);
    RETURN NEXT;
  END LOOP;

  IF v_nameless THEN
    tenant_id := NULL; is_valid := false; status := 'tampered'; from_sequence := NULL; through_sequence := NULL;
    events_checked := 0; findings := 1; broken_at_sequence := NULL; broken_event_id := NULL;
    message := 'There are rows without a tenant or a sequence: they belong to no chain and nothing proves them.';
    PERFORM audit.raise_alert(NULL, status, NULL, NULL, NULL, 1, message);
    RETURN NEXT;
  END IF;

  -- Last, so that no row is locked while chains are read; in one order, so that two runs do not deadlock.
  IF NOT current_setting('transaction_read_only')::boolean THEN
    BEGIN
      INSERT INTO audit.checked AS c
        SELECT i.tenant_id, i.sequence, i.event_hash, i.first_sequence, i.checked_at,
               coalesce(i.walked_at, known.walked_at, i.checked_at)
        FROM unnest(v_intact) AS i LEFT JOIN audit.checked AS known ON known.tenant_id = i.tenant_id
        ORDER BY i.tenant_id
        ON CONFLICT ON CONSTRAINT checked_pkey DO UPDATE
          SET sequence = EXCLUDED.sequence, event_hash = EXCLUDED.event_hash, first_sequence = EXCLUDED.first_sequence,
              checked_at = EXCLUDED.checked_at, walked_at = EXCLUDED.walked_at
          WHERE EXCLUDED.sequence >= c.sequence;
    EXCEPTION WHEN serialization_failure THEN
      NULL; -- another run remembered later heads than this snapshot has; what was found here is told all the same
    END;
  END IF;
END
$$;
COMMENT ON FUNCTION audit.check_and_alert(interval, boolean) IS
  'Checks every tenant and returns a row for each: what is new since it was last found intact (p_full: every event), '
  'and with p_silence whether one that usually logs has stopped. What is not intact is told as a WARNING and on the '
  'channel audit_alert';

CREATE OR REPLACE FUNCTION audit.raise_alert(
  p_tenant_id varchar, p_status text, p_silent_since timestamptz, p_broken_at_sequence bigint,
  p_broken_event_id varchar, p_findings bigint, p_message text)
RETURNS void LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_name text := coalesce(audit.alert_text(p_tenant_id), '(none)');
  v_isolated constant boolean := (SELECT c.relrowsecurity FROM pg_class c WHERE c.oid = 'audit.logs'::regclass);
  v_told json;
BEGIN
  IF p_status = 'tampered' THEN
    RAISE WARNING 'SECURITY ALERT: Audit chain tampered for tenant %', v_name USING DETAIL = audit.alert_text(left(p_message, 600));
  ELSIF p_status = 'inconclusive' THEN
    RAISE WARNING 'Audit chain of tenant % could not be checked', v_name USING DETAIL = audit.alert_text(left(p_message, 600));
  END IF;
  IF p_silent_since IS NOT NULL THEN
    RAISE WARNING 'SECURITY ALERT: Audit log silent for tenant % since %', v_name,
      to_char(p_silent_since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC';
  END IF;
  IF p_status <> 'intact' AND NOT pg_is_in_recovery() THEN
    -- Everyone who can connect may listen. Under tenant isolation they learn that, and no more than that, something
    -- is to be looked at.
    v_told := CASE WHEN v_isolated THEN
      json_build_object('format', 'audit-tui/alert/1', 'database', current_database(), 'status', p_status)
    ELSE json_build_object(
      'format', 'audit-tui/alert/1', 'database', current_database(), 'tenant_id', p_tenant_id, 'status', p_status,
      'silent_since', to_char(p_silent_since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
      'broken_at_sequence', p_broken_at_sequence, 'broken_event_id', p_broken_event_id,
      'findings', p_findings, 'message', left(p_message, 600)) END;
    PERFORM pg_notify('audit_alert', audit.alert_text(v_told::text));
  END IF;
END
$$;
COMMENT ON FUNCTION audit.raise_alert(varchar, text, timestamptz, bigint, varchar, bigint, text) IS
  'Tells of one tenant that is not intact: a WARNING, and a JSON document on the channel audit_alert';
