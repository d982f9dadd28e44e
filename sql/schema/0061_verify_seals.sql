-- The two seals as audit.verify_chain recomputes them. They stand apart from the functions that seal, because
-- a verifier must not call what it checks. No session setting (TimeZone, DateStyle,
-- standard_conforming_strings) has a say in any text below; verify_chain pins the search_path for all of them.
-- Rows may hold anything (an intruder owns the table): nothing here raises, whatever the values.
-- (pg_catalog. stands before functions that take any or an untyped argument: another of that name would fit better.)

CREATE OR REPLACE FUNCTION audit.verify_erasure_marks(p_erased jsonb, p_value text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN jsonb_typeof(p_erased) = 'object' THEN p_erased <> '{}' AND NOT EXISTS (
    SELECT FROM jsonb_each(p_erased) AS mark (part, recorded)
    WHERE part NOT IN ('identity', 'changes', 'snapshots', 'details')
       OR jsonb_typeof(recorded) <> 'string' OR recorded #>> '{}' !~ p_value) ELSE false END
$$;

COMMENT ON FUNCTION audit.verify_erasure_marks(jsonb, text) IS
  'Whether erased_parts is a non-empty object of part names whose values match a pattern';

-- Plain SQL without SET or SECURITY DEFINER is inlined into the parallel scan: called, it would cost a third
-- more.
CREATE OR REPLACE FUNCTION audit.verify_seal_v2(l audit.logs) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN octet_length(l.part_salts) = 64
     AND l.timestamp >= '0001-01-01 00:00:00+00'::timestamptz
     AND l.timestamp < '10000-01-01 00:00:00+00'::timestamptz
     AND CASE WHEN l.erased_parts IS NULL THEN true
              ELSE audit.verify_erasure_marks(l.erased_parts, '^[0-9a-f]{64}$') END
    THEN nullif(encode(sha256(pg_catalog.convert_to(pg_catalog.json_build_array(
      'audit/2', l.tenant_id, l.sequence_number, l.previous_hash, l.event_id,
      (extract(epoch FROM l.timestamp) * 1000000)::bigint,
      l.event_type, l.actor_type, l.resource_type, l.resource_id, l.http_method, l.request_id,
      CASE WHEN l.erased_parts ? 'identity' THEN l.erased_parts ->> 'identity'
           WHEN l.actor_id IS NOT NULL OR l.actor_email IS NOT NULL OR l.actor_ip_address IS NOT NULL
             OR l.session_id IS NOT NULL OR l.user_agent IS NOT NULL
           THEN encode(sha256(substr(l.part_salts, 1, 16) || pg_catalog.convert_to(pg_catalog.json_build_array(
             l.actor_id, l.actor_email, l.actor_ip_address, l.session_id, l.user_agent)::text, 'UTF8')), 'hex') END,
      CASE WHEN l.erased_parts ? 'changes' THEN l.erased_parts ->> 'changes'
           ELSE encode(sha256(substr(l.part_salts, 17, 16) || pg_catalog.convert_to(l.changes::text, 'UTF8')), 'hex') END,
      CASE WHEN l.erased_parts ? 'snapshots' THEN l.erased_parts ->> 'snapshots'
           WHEN l.resource_before IS NOT NULL OR l.resource_after IS NOT NULL
           THEN encode(sha256(substr(l.part_salts, 33, 16) || pg_catalog.convert_to(
             pg_catalog.concat(l.resource_before, chr(10), l.resource_after), 'UTF8')), 'hex') END,
      CASE WHEN l.erased_parts ? 'details' THEN l.erased_parts ->> 'details'
           WHEN l.metadata IS NOT NULL OR l.endpoint IS NOT NULL
           THEN encode(sha256(substr(l.part_salts, 49, 16) || pg_catalog.convert_to(
             pg_catalog.concat(l.metadata, chr(10) || l.endpoint), 'UTF8')), 'hex') END
      )::text, 'UTF8')), 'hex'), l.event_hash)
    ELSE '' END
$$;

COMMENT ON FUNCTION audit.verify_seal_v2(audit.logs) IS
  'What a version 2 hash says: NULL fits, empty is not well-formed, else the hash that the columns give';

CREATE OR REPLACE FUNCTION audit.verify_time(p_local timestamp, p_between text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT to_char(p_local, 'YYYY-MM-DD') || p_between || rtrim(rtrim(to_char(p_local, 'HH24:MI:SS.US'), '0'), '.')
$$;

COMMENT ON FUNCTION audit.verify_time(timestamp, text) IS
  'A local time as PostgreSQL prints it (no trailing zeros), with what stands between date and time';

CREATE OR REPLACE FUNCTION audit.verify_offset_text(p_seconds integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT pg_catalog.concat(CASE WHEN p_seconds < 0 THEN '-' ELSE '+' END,
                           lpad((abs(p_seconds) / 3600)::text, 2, '0'), ':',
                           lpad((abs(p_seconds) % 3600 / 60)::text, 2, '0'))
$$;

COMMENT ON FUNCTION audit.verify_offset_text(integer) IS 'A UTC offset of whole minutes as text: +05:30';

-- The guide's trigger printed the time in its session's zone, so the writer's offset is part of the hash though
-- no column holds it. UTC first, then the offsets found elsewhere in the chain, then every quarter of an hour.
CREATE OR REPLACE FUNCTION audit.verify_seal_v1(l audit.logs, p_likely integer[]) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
  v_head text;
  v_tail text;
  v_utc timestamp;
  v_local timestamp;
  v_in_utc text;
  v_hash text;
  v_offset integer;
BEGIN
  IF l.part_salts IS NOT NULL
     OR coalesce(l.timestamp >= '0001-01-01 00:00:00+00'::timestamptz
                 AND l.timestamp < '10000-01-01 00:00:00+00'::timestamptz, false) IS NOT TRUE THEN
    RETURN '';
  END IF;
  IF l.erased_parts IS NOT NULL THEN
    IF NOT audit.verify_erasure_marks(l.erased_parts, '^unsealed$') THEN
      RETURN '';
    END IF;
  END IF;
  v_head := left(json_build_object('event_id', l.event_id, 'sequence_number', l.sequence_number)::text, -1)
            || ', "timestamp" : "';
  v_tail := '", ' || substr(json_build_object(
    'event_type', l.event_type, 'tenant_id', l.tenant_id, 'actor_id', l.actor_id,
    'resource_type', l.resource_type, 'resource_id', l.resource_id, 'changes', l.changes,
    'previous_hash', l.previous_hash)::text, 2);
  v_utc := l.timestamp AT TIME ZONE 'UTC';
  v_in_utc := encode(sha256(pg_catalog.convert_to(v_head || audit.verify_time(v_utc, 'T') || '+00:00' || v_tail, getdatabaseencoding())), 'hex');
  IF v_in_utc = l.event_hash THEN
    RETURN NULL;
  END IF;
  IF coalesce(l.event_hash, '') !~ '^[0-9a-f]{64}$' THEN
    RETURN v_in_utc;
  END IF;
  FOR v_offset IN
    SELECT c FROM unnest(p_likely) AS c
    UNION ALL
    SELECT * FROM (SELECT q * 900 FROM generate_series(-63, 63) AS q WHERE q <> 0 ORDER BY abs(q)) AS quarters
  LOOP
    v_local := v_utc + v_offset * interval '1 second';
    IF v_local >= '0001-01-01 00:00:00'::timestamp AND v_local < '10000-01-01 00:00:00'::timestamp THEN
      v_hash := encode(sha256(pg_catalog.convert_to(
        v_head || audit.verify_time(v_local, 'T') || audit.verify_offset_text(v_offset) || v_tail, getdatabaseencoding())), 'hex');
      IF v_hash = l.event_hash THEN
        RETURN audit.verify_offset_text(v_offset);
      END IF;
    END IF;
  END LOOP;
  RETURN v_in_utc;
END
$$;

COMMENT ON FUNCTION audit.verify_seal_v1(audit.logs, integer[]) IS
  'What the guide''s hash of an event says: NULL fits in UTC, +05:30 fits in that offset, empty is not well-formed, '
  'else the hash that the columns give in UTC';

-- A row's verdict on its own columns. The branches of CASE are reached by version alone, so that a chain of
-- version 2 pays nothing for version 1.
CREATE OR REPLACE FUNCTION audit.verify_seal(l audit.logs, p_likely integer[]) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE l.hash_version
    WHEN 2 THEN audit.verify_seal_v2(l)
    WHEN 1 THEN audit.verify_seal_v1(l, p_likely)
    ELSE '' END
$$;

COMMENT ON FUNCTION audit.verify_seal(audit.logs, integer[]) IS
  'NULL: the hash fits; empty: not well-formed or of an unknown version; +05:30: version 1 in that offset; else '
  'the hash that the columns give';

-- A look at 64 events spread over the chain: where one was written in another zone, most were.
CREATE OR REPLACE FUNCTION audit.verify_likely_offsets(p_tenant_id varchar, p_lost bigint[]) RETURNS integer[]
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT ARRAY(
    SELECT DISTINCT (substr(seal, 1, 3)::integer * 3600 + (left(seal, 1) || substr(seal, 5, 2))::integer * 60)
    FROM (SELECT min(sequence_number)::numeric AS low, max(sequence_number)::numeric AS high
          FROM audit.logs WHERE tenant_id = p_tenant_id) AS bounds,
      generate_series(0, 63) AS step,
      LATERAL (SELECT audit.verify_seal_v1(l, NULL) AS seal FROM audit.logs AS l
               WHERE l.tenant_id = p_tenant_id AND l.hash_version = 1 AND l.sequence_number <> ALL (p_lost)
                 AND l.sequence_number = trunc(low + (high - low) * step / 63)::bigint) AS sampled
    WHERE seal ~ '^[+-]')
$$;

COMMENT ON FUNCTION audit.verify_likely_offsets(varchar, bigint[]) IS
  'UTC offsets in seconds in which some version 1 events of a tenant were sealed, for verify_seal_v1 to try first';

-- Slow, one event at a time: only run after the whole could not be read.
CREATE OR REPLACE FUNCTION audit.verify_unreadable(p_tenant_id varchar) RETURNS bigint[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_lost bigint[] := '{}';
  v_sequence bigint;
BEGIN
  FOR v_sequence IN
    SELECT DISTINCT l.sequence_number FROM audit.logs AS l
    WHERE l.tenant_id = p_tenant_id AND l.sequence_number IS NOT NULL
  LOOP
    BEGIN
      PERFORM audit.verify_seal(l, NULL), audit.verify_remains(l) FROM audit.logs AS l
      WHERE l.tenant_id = p_tenant_id AND l.sequence_number = v_sequence;
    EXCEPTION
      WHEN program_limit_exceeded OR out_of_memory OR internal_error OR data_corrupted OR data_exception THEN
        v_lost := v_lost || v_sequence;
    END;
  END LOOP;
  RETURN v_lost;
END
$$;

COMMENT ON FUNCTION audit.verify_unreadable(varchar) IS
  'The sequences of a tenant''s events that the server cannot render: text beyond its limits, damaged storage';
