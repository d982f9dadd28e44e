-- Seal, version 2: the texts that are hashed, and the hash of an event. Version 1 is the guide's.
--
-- Every function is a plain SQL expression: not SECURITY DEFINER, without SET, STABLE (json_build_array is),
-- so that the planner puts its body into the caller's query. No value depends on a session setting: inet,
-- jsonb, bigint and text print alike everywhere, times enter as microseconds.

CREATE OR REPLACE FUNCTION audit.identity_text(
  p_actor_id varchar, p_actor_email varchar, p_actor_ip_address inet, p_session_id varchar, p_user_agent text)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN p_actor_id IS NULL AND p_actor_email IS NULL AND p_actor_ip_address IS NULL
               AND p_session_id IS NULL AND p_user_agent IS NULL THEN NULL
    ELSE pg_catalog.json_build_array(p_actor_id, p_actor_email, p_actor_ip_address, p_session_id,
                                     p_user_agent)::pg_catalog.text END
$$;
COMMENT ON FUNCTION audit.identity_text(varchar, varchar, inet, varchar, text) IS
  'The text of the identity part, a JSON array; NULL when all five columns are NULL';

-- A SQL NULL is the empty text and a JSON null is the text null, so the two differ.
CREATE OR REPLACE FUNCTION audit.snapshots_text(p_before jsonb, p_after jsonb)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN p_before IS NULL AND p_after IS NULL THEN NULL
    ELSE COALESCE(p_before::pg_catalog.text, '') OPERATOR(pg_catalog.||) E'\n'
         OPERATOR(pg_catalog.||) COALESCE(p_after::pg_catalog.text, '') END
$$;

COMMENT ON FUNCTION audit.snapshots_text(jsonb, jsonb) IS
  'The text of the snapshots part: resource_before, a line feed, resource_after; NULL when both are NULL';

CREATE OR REPLACE FUNCTION audit.details_text(p_metadata jsonb, p_endpoint varchar)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN p_endpoint IS NULL THEN p_metadata::pg_catalog.text
    ELSE COALESCE(p_metadata::pg_catalog.text, '') OPERATOR(pg_catalog.||) E'\n'
         OPERATOR(pg_catalog.||) p_endpoint::pg_catalog.text END
$$;

COMMENT ON FUNCTION audit.details_text(jsonb, varchar) IS
  'The text of the details part: metadata, and where there is an endpoint a line feed and the endpoint';

-- p_slice 0 identity, 1 changes, 2 snapshots, 3 details. NULL text: the part is empty, its digest NULL.
CREATE OR REPLACE FUNCTION audit.part_digest(p_salts bytea, p_slice integer, p_text text)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT pg_catalog.encode(pg_catalog.sha256(
    pg_catalog.substr(p_salts, p_slice OPERATOR(pg_catalog.*) 16 OPERATOR(pg_catalog.+) 1, 16)
    OPERATOR(pg_catalog.||) pg_catalog.convert_to(p_text, 'UTF8')), 'hex')
$$;

COMMENT ON FUNCTION audit.part_digest(bytea, integer, text) IS
  'Lower-case hex SHA-256 of the salt of a part (its 16-byte slice of part_salts) and the UTF-8 of its text';

-- Microseconds since 1970-01-01 UTC. Only for times within the years 1 to 9999 (infinity would raise).
CREATE OR REPLACE FUNCTION audit.occurred_us(p_timestamp timestamptz)
RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT (EXTRACT(epoch FROM p_timestamp) OPERATOR(pg_catalog.*) 1000000)::pg_catalog.int8
$$;

COMMENT ON FUNCTION audit.occurred_us(timestamptz) IS
  'A time in whole microseconds since 1970-01-01 UTC, as the seal holds it; raises for infinity';

CREATE OR REPLACE FUNCTION audit.seal_v2(
  p_tenant_id varchar, p_sequence_number bigint, p_previous_hash varchar, p_event_id varchar, p_occurred_us bigint,
  p_event_type varchar, p_actor_type varchar, p_resource_type varchar, p_resource_id varchar,
  p_http_method varchar, p_request_id varchar,
  p_identity text, p_changes text, p_snapshots text, p_details text)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.json_build_array(
    'audit/2'::pg_catalog.text, p_tenant_id, p_sequence_number, p_previous_hash, p_event_id, p_occurred_us,
    p_event_type, p_actor_type, p_resource_type, p_resource_id, p_http_method, p_request_id,
    p_identity, p_changes, p_snapshots, p_details)::pg_catalog.text, 'UTF8')), 'hex')
$$;
COMMENT ON FUNCTION audit.seal_v2(
  varchar, bigint, varchar, varchar, bigint, varchar, varchar, varchar, varchar, varchar, varchar,
  text, text, text, text) IS
  'The seal, version 2: event_hash of these values and the four part digests (NULL for an empty part)';
