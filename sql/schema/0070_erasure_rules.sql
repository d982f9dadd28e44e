-- What an erasure is: the groups that a covering event names, and the one step that may happen to a row.

-- Never raises: hostile metadata says nothing. Integers of at most 19 digits are compared as numeric.
CREATE OR REPLACE FUNCTION audit.is_erasure_group(p_group jsonb)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  sequences jsonb := p_group -> 'sequences';
  parts jsonb := p_group -> 'parts';
  list_form constant text := '^[[]([[][0-9]{1,19}, [0-9]{1,19}[]](, )?)+[]]$';
BEGIN
  IF jsonb_typeof(p_group) IS DISTINCT FROM 'object' OR jsonb_typeof(sequences) IS DISTINCT FROM 'array'
     OR jsonb_typeof(parts) IS DISTINCT FROM 'array'
     OR coalesce(jsonb_typeof(p_group -> 'actor_id'), 'null') NOT IN ('null', 'string')
     OR coalesce(jsonb_typeof(p_group -> 'actor_email'), 'null') NOT IN ('null', 'string') THEN
    RETURN false;
  END IF;
  IF jsonb_array_length(sequences) NOT BETWEEN 1 AND 1000 OR jsonb_array_length(parts) NOT BETWEEN 1 AND 4
     OR EXISTS (SELECT FROM jsonb_array_elements(parts) p
                WHERE jsonb_typeof(p) <> 'string' OR audit.part_slice(p #>> '{}') IS NULL)
     OR (SELECT count(DISTINCT p) FROM jsonb_array_elements(parts) p) <> jsonb_array_length(parts) THEN
    RETURN false;
  END IF;
  IF NOT parts ? 'identity' AND coalesce(p_group ->> 'actor_id', p_group ->> 'actor_email') IS NOT NULL THEN
    RETURN false;
  END IF;
  -- jsonb prints one way only, so the list's text tells at once that it holds pairs of plain integers.
  RETURN sequences::text ~ list_form AND NOT EXISTS (
    SELECT FROM jsonb_array_elements(CASE WHEN sequences::text ~ list_form THEN sequences ELSE '[]' END) r
    WHERE (r ->> 0)::numeric > (r ->> 1)::numeric);
END
$$;
COMMENT ON FUNCTION audit.is_erasure_group(jsonb) IS
  'Whether this is a well-formed entry of an audit.erased event''s "erased" list; a malformed one covers nothing';

CREATE OR REPLACE FUNCTION audit.names_erasure(
  p_metadata jsonb, p_sequence_number bigint, p_part text, p_actor_id text, p_actor_email text)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  the_group jsonb;
BEGIN
  IF jsonb_typeof(p_metadata -> 'erased') IS DISTINCT FROM 'array' THEN
    RETURN false;
  END IF;
  FOR the_group IN SELECT jsonb_array_elements(p_metadata -> 'erased') LOOP
    CONTINUE WHEN NOT audit.is_erasure_group(the_group) OR NOT the_group -> 'parts' ? p_part;
    CONTINUE WHEN p_part = 'identity' AND ((the_group ->> 'actor_id') IS DISTINCT FROM p_actor_id
                                           OR (the_group ->> 'actor_email') IS DISTINCT FROM p_actor_email);
    IF EXISTS (SELECT FROM jsonb_array_elements(the_group -> 'sequences') r
               WHERE p_sequence_number BETWEEN (r ->> 0)::numeric AND (r ->> 1)::numeric) THEN
      RETURN true;
    END IF;
  END LOOP;
  RETURN false;
END
$$;
COMMENT ON FUNCTION audit.names_erasure(jsonb, bigint, text, text, text) IS
  'Whether an audit.erased event''s metadata names this sequence and part, leaving this actor_id and actor_email';

-- Version 1 seals actor_id and changes: these stay, and nothing was salted, so nothing is recorded but the fact.
CREATE OR REPLACE FUNCTION audit.holds_part(p_event audit.logs, p_part text)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN (p_event).erased_parts IS NOT NULL AND (p_event).erased_parts OPERATOR(pg_catalog.?) p_part THEN false
    WHEN (p_event).hash_version OPERATOR(pg_catalog.=) 1 AND p_part OPERATOR(pg_catalog.=) 'changes' THEN false
    WHEN (p_event).hash_version OPERATOR(pg_catalog.=) 1 AND p_part OPERATOR(pg_catalog.=) 'identity' THEN
      (p_event).actor_email IS NOT NULL OR (p_event).actor_ip_address IS NOT NULL
      OR (p_event).session_id IS NOT NULL OR (p_event).user_agent IS NOT NULL
    ELSE audit.part_text(p_event, p_part) IS NOT NULL END
$$;
COMMENT ON FUNCTION audit.holds_part(audit.logs, text) IS
  'Whether there is something in this part of the event that an erasure could remove';

CREATE OR REPLACE FUNCTION audit.erasure_marks(p_event audit.logs, p_parts text[])
RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT COALESCE((p_event).erased_parts, '{}') OPERATOR(pg_catalog.||) pg_catalog.jsonb_object_agg(part, CASE
      WHEN (p_event).hash_version OPERATOR(pg_catalog.=) 1 THEN 'unsealed'
      ELSE audit.part_digest((p_event).part_salts, audit.part_slice(part), audit.part_text(p_event, part)) END)
  FROM pg_catalog.unnest(p_parts) AS p(part)
$$;
COMMENT ON FUNCTION audit.erasure_marks(audit.logs, text[]) IS
  'erased_parts as it is once these parts of the event are erased';

CREATE OR REPLACE FUNCTION audit.erasure_salts(p_salts bytea, p_parts text[])
RETURNS bytea LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  zeros constant bytea := decode(repeat('00', 16), 'hex');
  part text;
BEGIN
  FOREACH part IN ARRAY p_parts LOOP
    p_salts := overlay(p_salts PLACING zeros FROM audit.part_slice(part) * 16 + 1 FOR 16);
  END LOOP;
  RETURN p_salts;
END
$$;
COMMENT ON FUNCTION audit.erasure_salts(bytea, text[]) IS
  'part_salts as they are once these parts are erased: their slices overwritten with zeros';
