-- What the chain itself authorises, for audit.verify_chain: erasures and the boundary of an archived prefix.
-- Metadata may hold anything: a group with anything malformed covers nothing, and nothing raises.

CREATE OR REPLACE FUNCTION audit.verify_ranges(p_listed jsonb) RETURNS nummultirange
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN jsonb_typeof(p_listed) = 'array' THEN
    CASE WHEN jsonb_array_length(p_listed) BETWEEN 1 AND 1000 THEN (
      SELECT CASE WHEN bool_and(span IS NOT NULL) THEN range_agg(span) END
      FROM jsonb_array_elements(p_listed) AS pair, LATERAL (
        SELECT CASE WHEN jsonb_typeof(pair) = 'array' THEN
          CASE WHEN jsonb_array_length(pair) = 2
                AND jsonb_typeof(pair -> 0) = 'number' AND jsonb_typeof(pair -> 1) = 'number' THEN
            CASE WHEN pair ->> 0 ~ '^[0-9]{1,19}$' AND pair ->> 1 ~ '^[0-9]{1,19}$' THEN
              CASE WHEN (pair ->> 0)::numeric <= (pair ->> 1)::numeric
                THEN numrange((pair ->> 0)::numeric, (pair ->> 1)::numeric, '[]') END END END END AS span) AS spans)
    END END
$$;

COMMENT ON FUNCTION audit.verify_ranges(jsonb) IS
  'Up to 1,000 pairs [lo, hi] of at most 19 digits as one multirange; NULL where anything is malformed';

CREATE OR REPLACE FUNCTION audit.verify_parts(p_listed jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN jsonb_typeof(p_listed) = 'array' THEN
    CASE WHEN jsonb_array_length(p_listed) BETWEEN 1 AND 4 THEN (
      SELECT CASE WHEN bool_and(jsonb_typeof(part) = 'string'
                                AND part #>> '{}' IN ('identity', 'changes', 'snapshots', 'details'))
                   AND count(DISTINCT part) = count(*)
             THEN array_agg(part #>> '{}') END
      FROM jsonb_array_elements(p_listed) AS part)
    END END
$$;

COMMENT ON FUNCTION audit.verify_parts(jsonb) IS 'A list of distinct part names; NULL where anything is malformed';

-- Only version 2 events that nothing was erased from and whose content fits speak with authority.
CREATE OR REPLACE FUNCTION audit.verify_groups(p_tenant_id varchar, p_lost bigint[])
RETURNS TABLE (sequence bigint, id bigint, event_id varchar, number bigint,
               ranges nummultirange, parts text[], holder text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT l.sequence_number, l.id, l.event_id, listed.number, checked.ranges, checked.parts,
         pg_catalog.jsonb_build_array(entry ->> 'actor_id', entry ->> 'actor_email')::text
  FROM audit.logs AS l,
    LATERAL jsonb_array_elements(CASE WHEN l.sequence_number = ANY (p_lost) THEN '[]'
                                      WHEN jsonb_typeof(l.metadata -> 'erased') = 'array'
                                      THEN l.metadata -> 'erased' ELSE '[]' END)
      WITH ORDINALITY AS listed (entry, number),
    LATERAL (SELECT audit.verify_ranges(entry -> 'sequences') AS ranges,
                    audit.verify_parts(entry -> 'parts') AS parts OFFSET 0) AS checked
  WHERE l.tenant_id = p_tenant_id AND l.sequence_number IS NOT NULL AND l.event_type = 'audit.erased'
    AND l.hash_version = 2 AND l.erased_parts IS NULL
    AND CASE WHEN l.sequence_number = ANY (p_lost) THEN false ELSE audit.verify_seal_v2(l) IS NULL END
    AND checked.ranges IS NOT NULL AND checked.parts IS NOT NULL
    AND coalesce(jsonb_typeof(entry -> 'actor_id'), 'null') IN ('null', 'string')
    AND coalesce(jsonb_typeof(entry -> 'actor_email'), 'null') IN ('null', 'string')
    AND ('identity' = ANY (checked.parts)
         OR entry ->> 'actor_id' IS NULL AND entry ->> 'actor_email' IS NULL)
$$;

COMMENT ON FUNCTION audit.verify_groups(varchar, bigint[]) IS
  'The well-formed groups of a tenant''s intact audit.erased events; holder is what actor_id and actor_email must be';

CREATE OR REPLACE FUNCTION audit.verify_boundary(
  p_tenant_id varchar, p_first bigint, p_previous_hash varchar, p_lost bigint[])
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN p_first > 1 AND p_previous_hash ~ '^[0-9a-f]{64}$' THEN EXISTS (
    SELECT FROM audit.logs AS l
    WHERE l.tenant_id = p_tenant_id AND l.sequence_number IS NOT NULL AND l.event_type = 'audit.archived'
      AND l.hash_version = 2 AND l.erased_parts IS NULL
      AND CASE WHEN l.sequence_number = ANY (p_lost) THEN false
               WHEN audit.verify_seal_v2(l) IS NULL AND jsonb_typeof(l.metadata) = 'object'
                AND l.metadata -> 'last_hash' = to_jsonb(p_previous_hash::text)
                AND jsonb_typeof(l.metadata -> 'first_sequence') = 'number'
                AND l.metadata ->> 'first_sequence' ~ '^[0-9]{1,19}$'
                AND jsonb_typeof(l.metadata -> 'last_sequence') = 'number'
                AND l.metadata ->> 'last_sequence' = (p_first - 1)::text
               THEN (l.metadata ->> 'first_sequence')::numeric < p_first
               ELSE false END)
    ELSE false END
$$;

COMMENT ON FUNCTION audit.verify_boundary(varchar, bigint, varchar, bigint[]) IS
  'Whether an intact audit.archived event explains that the chain begins at this sequence after this hash';

-- Per erased part: whether its columns and its salt are as an erasure leaves them. A version 1 hash is over
-- `changes`, so that part cannot have been erased; an event of the log's own bookkeeping never is.
CREATE OR REPLACE FUNCTION audit.verify_remains(l audit.logs) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN CASE l.hash_version WHEN 2 THEN audit.verify_erasure_marks(l.erased_parts, '^[0-9a-f]{64}$')
                             WHEN 1 THEN audit.verify_erasure_marks(l.erased_parts, '^unsealed$') END
    THEN pg_catalog.jsonb_build_object(
      'holder', pg_catalog.jsonb_build_array(l.actor_id, l.actor_email)::text,
      'parts', (
        SELECT jsonb_object_agg(part, coalesce(
          coalesce(pg_catalog.lower(l.event_type COLLATE "C"), '') NOT LIKE 'audit.%'
          AND (l.hash_version = 1 OR substr(l.part_salts, place, 16) = decode(repeat('00', 16), 'hex'))
          AND CASE part
            WHEN 'identity' THEN num_nonnulls(l.actor_ip_address, l.session_id, l.user_agent) = 0
            WHEN 'changes' THEN l.hash_version = 2 AND l.changes IS NULL
            WHEN 'snapshots' THEN num_nonnulls(l.resource_before, l.resource_after) = 0
            ELSE num_nonnulls(l.metadata, l.endpoint) = 0 END, false))
        FROM (VALUES ('identity', 1), ('changes', 17), ('snapshots', 33), ('details', 49)) AS slices (part, place)
        WHERE l.erased_parts ? part))
    END
$$;

COMMENT ON FUNCTION audit.verify_remains(audit.logs) IS
  'For each erased part of an event whether its columns and salt are as an erasure leaves them; NULL where '
  'erased_parts is malformed';
