-- The same seals, of a whole row: what erasing, removing an archived prefix and a curious reader ask.
-- verify_chain does not use these: it computes on its own, so that each can be checked against the other.

CREATE OR REPLACE FUNCTION audit.part_slice(p_part text)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE p_part WHEN 'identity' THEN 0 WHEN 'changes' THEN 1 WHEN 'snapshots' THEN 2 WHEN 'details' THEN 3 END
$$;
COMMENT ON FUNCTION audit.part_slice(text) IS
  'Which 16 bytes of part_salts belong to a part: 0 identity, 1 changes, 2 snapshots, 3 details';

CREATE OR REPLACE FUNCTION audit.part_text(p_event audit.logs, p_part text)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE p_part
    WHEN 'identity' THEN audit.identity_text((p_event).actor_id, (p_event).actor_email, (p_event).actor_ip_address,
                                             (p_event).session_id, (p_event).user_agent)
    WHEN 'changes' THEN (p_event).changes::pg_catalog.text
    WHEN 'snapshots' THEN audit.snapshots_text((p_event).resource_before, (p_event).resource_after)
    WHEN 'details' THEN audit.details_text((p_event).metadata, (p_event).endpoint) END
$$;
COMMENT ON FUNCTION audit.part_text(audit.logs, text) IS
  'The text of one part of an event, over which its digest is taken; NULL when all its columns are NULL';

CREATE OR REPLACE FUNCTION audit.is_erased_parts(p_erased_parts jsonb, p_mark text)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF jsonb_typeof(p_erased_parts) IS DISTINCT FROM 'object' THEN
    RETURN p_erased_parts IS NULL;
  END IF;
  RETURN p_erased_parts <> '{}' AND NOT EXISTS (
    SELECT FROM jsonb_each(p_erased_parts) AS e(part, digest)
    WHERE audit.part_slice(e.part) IS NULL OR jsonb_typeof(e.digest) <> 'string' OR (e.digest #>> '{}') !~ p_mark);
END
$$;
COMMENT ON FUNCTION audit.is_erased_parts(jsonb, text) IS
  'Whether erased_parts is NULL, or a non-empty object of part names to strings that match the mark';

-- Not well-formed: NULL, so that IS DISTINCT FROM finds a mismatch and nothing is cast that could raise.
CREATE OR REPLACE FUNCTION audit.sealed_hash_v2(p_event audit.logs)
RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  digests text[];
BEGIN
  IF octet_length(p_event.part_salts) IS DISTINCT FROM 64
     OR (p_event.timestamp >= '0001-01-01 00:00:00+00' AND p_event.timestamp < '10000-01-01 00:00:00+00') IS NOT TRUE
     OR NOT audit.is_erased_parts(p_event.erased_parts, '^[0-9a-f]{64}$') THEN
    RETURN NULL;
  END IF;
  SELECT array_agg(coalesce(p_event.erased_parts ->> part, audit.part_digest(
                     p_event.part_salts, audit.part_slice(part), audit.part_text(p_event, part))) ORDER BY n)
    INTO digests
    FROM unnest(ARRAY['identity', 'changes', 'snapshots', 'details']) WITH ORDINALITY AS p(part, n);
  RETURN audit.seal_v2(
    p_event.tenant_id, p_event.sequence_number, p_event.previous_hash, p_event.event_id,
    audit.occurred_us(p_event.timestamp), p_event.event_type, p_event.actor_type, p_event.resource_type,
    p_event.resource_id, p_event.http_method, p_event.request_id, digests[1], digests[2], digests[3], digests[4]);
END
$$;
COMMENT ON FUNCTION audit.sealed_hash_v2(audit.logs) IS
  'The event_hash that version 2 computes from a row as it stands; NULL where the row is not well-formed';

-- The guide rendered the time in the writer's session zone, so the offset is an argument.
CREATE OR REPLACE FUNCTION audit.sealed_hash_v1(p_event audit.logs, p_offset_seconds integer DEFAULT 0)
RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  minutes integer := abs(p_offset_seconds) / 60;
  stamp text;
BEGIN
  IF p_event.part_salts IS NOT NULL
     OR (p_event.timestamp >= '0001-01-01 00:00:00+00' AND p_event.timestamp < '10000-01-01 00:00:00+00') IS NOT TRUE
     OR NOT audit.is_erased_parts(p_event.erased_parts, '^unsealed$') THEN
    RETURN NULL;
  END IF;
  stamp := trim(BOTH '"' FROM to_json(timezone('UTC', p_event.timestamp) + make_interval(secs => p_offset_seconds))::text)
    || CASE WHEN p_offset_seconds < 0 THEN '-' ELSE '+' END
    || lpad((minutes / 60)::text, 2, '0') || ':' || lpad((minutes % 60)::text, 2, '0')
    || CASE WHEN p_offset_seconds % 60 = 0 THEN '' ELSE ':' || lpad((abs(p_offset_seconds) % 60)::text, 2, '0') END;
  RETURN encode(sha256(convert_to(json_build_object(
    'event_id', p_event.event_id,
    'sequence_number', p_event.sequence_number,
    'timestamp', stamp,
    'event_type', p_event.event_type,
    'tenant_id', p_event.tenant_id,
    'actor_id', p_event.actor_id,
    'resource_type', p_event.resource_type,
    'resource_id', p_event.resource_id,
    'changes', p_event.changes,
    'previous_hash', p_event.previous_hash)::text, getdatabaseencoding())), 'hex');
END
$$;
COMMENT ON FUNCTION audit.sealed_hash_v1(audit.logs, integer) IS
  'The event_hash of the guide (version 1) as a session at that UTC offset computed it; NULL where not well-formed';

CREATE OR REPLACE FUNCTION audit.event_verifies(p_event audit.logs)
RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN coalesce(CASE p_event.hash_version
    WHEN 2 THEN audit.sealed_hash_v2(p_event) = p_event.event_hash
    WHEN 1 THEN audit.sealed_hash_v1(p_event) = p_event.event_hash OR EXISTS (
      SELECT FROM generate_series(-57600, 57600, 900) AS o(seconds)
      WHERE audit.sealed_hash_v1(p_event, o.seconds) = p_event.event_hash) END, false);
END
$$;
COMMENT ON FUNCTION audit.event_verifies(audit.logs) IS
  'Whether the event''s content fits its event_hash (version 1: in UTC or any offset of whole quarter hours)';

-- What lets an audit.* event vouch for something. A version 1 event carries no authority: nothing was reserved.
CREATE OR REPLACE FUNCTION audit.carries_authority(p_event audit.logs)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT (p_event).hash_version IS NOT DISTINCT FROM 2::pg_catalog.int2 AND (p_event).erased_parts IS NULL
     AND audit.event_verifies(p_event)
$$;
COMMENT ON FUNCTION audit.carries_authority(audit.logs) IS
  'Whether an audit.* event may vouch for a removal: version 2, nothing of it erased, content as sealed';
