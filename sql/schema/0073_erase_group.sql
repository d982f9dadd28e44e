-- The work of audit.erase: the form of the list, and one group of events at a time.

CREATE OR REPLACE FUNCTION audit.erased_list_problem(p_erased jsonb)
RETURNS text LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  the_group jsonb;
  keys constant text[] := ARRAY['sequences', 'parts', 'actor_id', 'actor_email'];
  ranges bigint := 0;
BEGIN
  IF jsonb_typeof(p_erased) IS DISTINCT FROM 'array' OR p_erased = '[]' THEN
    RETURN 'what to erase must be a non-empty JSON array of groups';
  END IF;
  FOR the_group IN SELECT jsonb_array_elements(p_erased) LOOP
    IF NOT audit.is_erasure_group(the_group) OR the_group - keys <> '{}' THEN
      RETURN 'a group is {"sequences": [[first, last], ...], "parts": [...], "actor_id": ..., "actor_email": ...}, '
             'at most 1,000 ranges, no part twice, actor_id and actor_email only with identity';
    ELSIF the_group -> 'parts' ? 'identity' AND coalesce(the_group ->> 'actor_id', '') = '' THEN
      RETURN 'with part identity the group says which actor_id its events keep; it cannot be NULL or empty';
    ELSIF length(the_group ->> 'actor_id') > 50 OR length(the_group ->> 'actor_email') > 255 THEN
      RETURN 'actor_id has at most 50 characters, actor_email 255';
    ELSIF EXISTS (
      SELECT FROM (SELECT (r ->> 0)::numeric AS lo, lag((r ->> 1)::numeric) OVER (ORDER BY (r ->> 0)::numeric) AS before
                   FROM jsonb_array_elements(the_group -> 'sequences') r) o
      WHERE o.lo <= o.before) THEN
      RETURN 'ranges of a group overlap';
    END IF;
    ranges := ranges + jsonb_array_length(the_group -> 'sequences');
  END LOOP;
  RETURN CASE WHEN ranges > 1000 THEN 'at most 1,000 ranges in one erasure: split it into batches' END;
END
$$;
COMMENT ON FUNCTION audit.erased_list_problem(jsonb) IS
  'What is wrong with the form of a list of groups to erase, as a sentence; NULL when nothing is';

CREATE OR REPLACE FUNCTION audit.erase_group(p_tenant_id varchar, p_group jsonb)
RETURNS void LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  parts text[] := ARRAY(SELECT jsonb_array_elements_text(p_group -> 'parts'));
  identity boolean := p_group -> 'parts' ? 'identity';
  -- The newest event is the covering one, and this transaction holds the chain.
  head bigint := (SELECT l.sequence_number - 1 FROM audit.logs l WHERE l.tenant_id = p_tenant_id
                  ORDER BY l.sequence_number DESC LIMIT 1);
  missing text;
  twice bigint;
BEGIN
  -- What does not exist is found by the head and by counting, before a range of billions is walked.
  SELECT min(f.lo)::text INTO missing FROM (
    SELECT (r ->> 0)::numeric AS lo, (r ->> 1)::numeric AS hi FROM jsonb_array_elements(p_group -> 'sequences') r) f
  WHERE f.hi > head OR f.hi - f.lo + 1 <> (
    SELECT count(*) FROM audit.logs l
    WHERE f.hi <= head AND l.tenant_id = p_tenant_id
      AND l.sequence_number BETWEEN least(f.lo, head)::bigint AND least(f.hi, head)::bigint);
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION 'cannot erase: the range from % names a sequence that does not exist', missing
      USING ERRCODE = 'invalid_parameter_value';
  END IF;

  SELECT min(l.sequence_number) INTO twice
    FROM (SELECT (r ->> 0)::bigint AS lo, (r ->> 1)::bigint AS hi FROM jsonb_array_elements(p_group -> 'sequences') r) f
    JOIN audit.logs l ON l.tenant_id = p_tenant_id AND l.sequence_number BETWEEN f.lo AND f.hi
    WHERE l.erased_parts ?| parts;
  IF twice IS NOT NULL THEN
    RAISE EXCEPTION 'cannot erase: a part of event % is already erased', twice USING ERRCODE = 'invalid_parameter_value';
  END IF;

  UPDATE audit.logs l SET
    actor_id         = CASE WHEN identity THEN p_group ->> 'actor_id' ELSE l.actor_id END,
    actor_email      = CASE WHEN identity THEN p_group ->> 'actor_email' ELSE l.actor_email END,
    actor_ip_address = CASE WHEN NOT identity THEN l.actor_ip_address END,
    session_id       = CASE WHEN NOT identity THEN l.session_id END,
    user_agent       = CASE WHEN NOT identity THEN l.user_agent END,
    changes          = CASE WHEN 'changes' <> ALL (parts) THEN l.changes END,
    resource_before  = CASE WHEN 'snapshots' <> ALL (parts) THEN l.resource_before END,
    resource_after   = CASE WHEN 'snapshots' <> ALL (parts) THEN l.resource_after END,
    metadata         = CASE WHEN 'details' <> ALL (parts) THEN l.metadata END,
    endpoint         = CASE WHEN 'details' <> ALL (parts) THEN l.endpoint END,
    part_salts       = audit.erasure_salts(l.part_salts, parts),
    erased_parts     = audit.erasure_marks(l, parts)
  FROM (SELECT (r ->> 0)::bigint AS lo, (r ->> 1)::bigint AS hi FROM jsonb_array_elements(p_group -> 'sequences') r) f
  WHERE l.tenant_id = p_tenant_id AND l.sequence_number BETWEEN f.lo AND f.hi;
END
$$;
COMMENT ON FUNCTION audit.erase_group(varchar, jsonb) IS
  'Erases one group of events; only within audit.erase, whose covering event the update trigger wants to see';
