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
                           lpad((abs(p_seconds) % 3600 / 60)::text, 2, '0'),
                           CASE WHEN p_seconds % 60 <> 0 THEN ':' || lpad((abs(p_seconds) % 60)::text, 2, '0') END)
$$;

COMMENT ON FUNCTION audit.verify_offset_text(integer) IS
  'A UTC offset as PostgreSQL prints it in JSON: +05:30, and +05:53:28 where it has seconds';

CREATE OR REPLACE FUNCTION audit.verify_offset_seconds(p_offset text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (left(p_offset, 1) || '1')::integer * (
    substr(p_offset, 2, 2)::integer * 3600 + substr(p_offset, 5, 2)::integer * 60
    + coalesce(nullif(substr(p_offset, 8, 2), ''), '0')::integer)
$$;

COMMENT ON FUNCTION audit.verify_offset_seconds(text) IS 'The seconds of a UTC offset that verify_offset_text wrote';

-- The client searches the same (audit_tui/core/oldzones.py); a test holds the two together.
CREATE OR REPLACE FUNCTION audit.verify_old_offsets() RETURNS integer[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT ARRAY[
    -57368, -54124, -51660, -51420, -49972, -48428, -47284, -42568, -42398, -41216, -41096, -40968, -40800,
    -40780, -39698, -38400, -38344, -37886, -37760, -35976, -35896, -33535, -33480, -33460, -32473, -32412,
    -32388, -32261, -31578, -31220, -29548, -29447, -28856, -28378, -28084, -27964, -27889, -27232, -26898,
    -26632, -26248, -25880, -25556, -25540, -25460, -25260, -25196, -25116, -25060, -24427, -24339, -24312,
    -24076, -23796, -23316, -21988, -21724, -21508, -21504, -21408, -21168, -21036, -21027, -21007, -20947,
    -20932, -20824, -20823, -20790, -20785, -20723, -20712, -20708, -20678, -20582, -20416, -20364, -20173,
    -19931, -19776, -19768, -19532, -19176, -19160, -19088, -19052, -18840, -18570, -18516, -18492, -18430,
    -17776, -17762, -17360, -17340, -17296, -17072, -17020, -16965, -16824, -16800, -16776, -16768, -16612,
    -16547, -16516, -16508, -16444, -16392, -16356, -16272, -16064, -16060, -16044, -15924, -15865, -15788,
    -15700, -15672, -15652, -15584, -15558, -15548, -15508, -15408, -15336, -15264, -15136, -15052, -14932,
    -14832, -14820, -14768, -14764, -14736, -14696, -14660, -14640, -14560, -14500, -14404, -14388, -14309,
    -14028, -13959, -13884, -13840, -13708, -13491, -13480, -13460, -13252, -13240, -13236, -13128, -13108,
    -12756, -12652, -12560, -12416, -11958, -11636, -11568, -11188, -9244, -9240, -9052, -8768, -8572, -8376,
    -7780, -6872, -6160, -5644, -5280, -5272, -4480, -4184, -4056, -3996, -3828, -3740, -3696, -3292, -3180,
    -3168, -2670, -2588, -2400, -2205, -1920, -1820, -1624, -1521, -1368, -1284, -1276, -1075, -968, -884, -609,
    -506, -364, -75, -52, 292, 364, 508, 561, 628, 732, 815, 1050, 1172, 1200, 1476, 1616, 1772, 1786, 2048,
    2079, 2108, 2268, 2284, 2328, 2444, 2580, 2996, 3020, 3124, 3164, 3176, 3208, 3464, 3484, 3612, 3614, 3668,
    3672, 3832, 3921, 4104, 4332, 4420, 4460, 4580, 4760, 4772, 4800, 4920, 5040, 5144, 5596, 5692, 5736, 5794,
    5940, 5989, 6076, 6220, 6264, 6592, 6600, 6616, 6720, 6788, 6900, 6920, 6952, 7016, 7048, 7216, 7324, 7452,
    7464, 7509, 7588, 7780, 7808, 7818, 8008, 8148, 8160, 8184, 8272, 8400, 8423, 8440, 8454, 8460, 8470, 8520,
    8624, 8712, 8836, 9017, 9079, 9288, 9320, 9332, 9394, 9428, 10356, 10384, 10656, 10660, 10680, 10751, 10794,
    10856, 10888, 11058, 11212, 11404, 11516, 11532, 11616, 11928, 11964, 12020, 12064, 12140, 12324, 12344,
    12368, 12464, 12679, 13272, 13308, 13312, 13505, 13720, 13800, 14012, 14064, 14553, 15268, 15712, 16073,
    16092, 16279, 16512, 16608, 16631, 17380, 17610, 17640, 17904, 18468, 19164, 19172, 19270, 19900, 20100,
    20391, 20476, 20928, 21020, 21200, 21208, 21516, 21700, 21996, 22286, 23087, 23260, 24124, 24406, 24624,
    24925, 25025, 25180, 25372, 25590, 25632, 25652, 26240, 26400, 26480, 27232, 27250, 27402, 27580, 27804,
    28656, 29032, 29143, 29160, 30000, 30140, 30180, 30472, 30928, 31138, 31400, 31651, 32276, 32533, 33260,
    33539, 33768, 33948, 34248, 34374, 34740, 34792, 34980, 35312, 35320, 35356, 35756, 36192, 36292, 36428,
    36728, 36892, 37336, 37972, 38076, 38180, 38388, 39116, 39948, 39988, 40060, 40160, 40312, 40320, 40396,
    41088, 41524, 41944, 42596, 42944, 43012, 44002, 44028, 44120, 44352, 44400, 45184, 45432, 46702, 48056,
    50424, 52865, 53927, 54139, 54822
  ]
$$;

COMMENT ON FUNCTION audit.verify_old_offsets() IS
  'UTC offsets in seconds that no quarter of an hour is: local mean times and zones, none in force after 1979';

-- The guide's trigger printed the time in its session's zone, so the writer's offset is part of the hash though
-- no column holds it. UTC first, then the offsets found elsewhere in the chain, then every quarter of an hour, and
-- for moments of before 1980 the offsets that were in force then.
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
    UNION ALL
    SELECT old FROM unnest(CASE WHEN l.timestamp < '1980-01-01 00:00:00+00'::timestamptz
                                THEN audit.verify_old_offsets() END) AS old
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
    SELECT DISTINCT audit.verify_offset_seconds(seal)
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
