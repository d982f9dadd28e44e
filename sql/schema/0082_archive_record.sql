-- Archiving, first half: the sealed record that says which prefix of a chain lies in an archive, and where. It
-- is committed before anything is removed; 0083_archive_remove.sql removes what it names.
-- Like the erasure functions these lend the owner's rights to write one fixed event type; who called is the
-- login (session_user). Nobody can prove to a database that files exist: whoever may record may also remove.

CREATE OR REPLACE FUNCTION audit.archive_form_problem(
  p_archive text, p_manifest text, p_first bigint, p_last bigint, p_tree jsonb, p_place text, p_requester text,
  p_reason text)
RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE
    WHEN p_archive IS NULL OR p_archive !~ '^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}$'
      THEN 'an archive is named by its UTC time and 8 hex digits, as in 20260101T030000Z-0123abcd'
    WHEN p_manifest IS NULL OR p_manifest !~ '^[0-9a-f]{64}$'
      THEN 'the manifest is named by its SHA-256: 64 lower-case hex digits'
    WHEN p_first IS NULL OR p_last IS NULL OR p_first < 1 OR p_last < p_first
      THEN 'first and last sequence are not a range'
    WHEN p_place IS NULL OR p_place !~ '[^[:space:]]' OR length(p_place) > 1000
      THEN 'the place where the archive lies is required, in at most 1,000 characters'
    WHEN p_requester IS NULL OR p_requester !~ '[^[:space:]]' OR length(p_requester) > 200
      THEN 'a requester is required, in at most 200 characters'
    WHEN length(p_reason) > 2000 THEN 'a reason has at most 2,000 characters'
    WHEN NOT audit.is_tree(p_tree, p_last)
      THEN 'the tree must be {"size": last sequence, "hashes": [one hash per bit set in it]}' END
$$;
COMMENT ON FUNCTION audit.archive_form_problem(text, text, bigint, bigint, jsonb, text, text, text) IS
  'What is wrong with the form of an archive''s record, as a sentence; NULL when nothing is';

-- A tree of n leaves has one perfect subtree for each bit that is set in n (RFC 6962, section 2.1).
CREATE OR REPLACE FUNCTION audit.is_tree(p_tree jsonb, p_size bigint)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN jsonb_typeof(p_tree) = 'object' AND p_tree - ARRAY['size', 'hashes'] = '{}'
                   AND jsonb_typeof(p_tree -> 'hashes') = 'array' THEN
    p_tree -> 'size' IS NOT DISTINCT FROM to_jsonb(p_size)
    AND jsonb_array_length(p_tree -> 'hashes') = length(replace(p_size::bit(64)::text, '0', ''))
    AND NOT EXISTS (SELECT FROM jsonb_array_elements(p_tree -> 'hashes') h
                    WHERE jsonb_typeof(h) <> 'string' OR (h #>> '{}') !~ '^[0-9a-f]{64}$')
    ELSE false END
$$;
COMMENT ON FUNCTION audit.is_tree(jsonb, bigint) IS
  'Whether this is {"size", "hashes"} of an RFC 6962 tree of that many leaves: one hash per perfect subtree';

-- A record whose events are still there. One that a later record names in "replaces" no longer counts: its files
-- were lost, or hold what an erasure has removed since.
CREATE OR REPLACE FUNCTION audit.pending_archive(p_tenant_id varchar)
RETURNS TABLE (event_id varchar, sequence_number bigint, first bigint, last bigint, archive text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.event_id, a.sequence_number, least(lower(r.span), 9223372036854775807)::bigint,
    least(upper(r.span), 9223372036854775807)::bigint, a.metadata ->> 'archive'
  FROM audit.logs a CROSS JOIN LATERAL (SELECT audit.archived_through(a.metadata) AS span) r
  WHERE a.tenant_id = p_tenant_id AND a.event_type = 'audit.archived' AND audit.carries_authority(a)
    AND upper(r.span) >= (SELECT min(l.sequence_number) FROM audit.logs l WHERE l.tenant_id = p_tenant_id)
    AND NOT EXISTS (
      SELECT FROM audit.logs n
      WHERE n.tenant_id = p_tenant_id AND n.event_type = 'audit.archived' AND n.sequence_number > a.sequence_number
        AND n.metadata ->> 'replaces' = a.event_id AND audit.carries_authority(n))
  ORDER BY a.sequence_number DESC
$$;
COMMENT ON FUNCTION audit.pending_archive(varchar) IS
  'The intact audit.archived event of a tenant whose events were not removed yet, unless a later one replaces it';

-- What an erasure removed after it was read must not stay in an archive.
CREATE OR REPLACE FUNCTION audit.archive_erasure(p_tenant_id varchar, p_after bigint, p_first bigint, p_last bigint)
RETURNS bigint LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT min(e.sequence_number) FROM audit.logs e
  CROSS JOIN LATERAL jsonb_array_elements(CASE WHEN jsonb_typeof(e.metadata -> 'erased') = 'array'
                                          THEN e.metadata -> 'erased' ELSE '[]' END) AS g
  CROSS JOIN LATERAL jsonb_array_elements(CASE WHEN audit.is_erasure_group(g) THEN g -> 'sequences' ELSE '[]' END) AS r
  WHERE e.tenant_id = p_tenant_id AND e.event_type = 'audit.erased' AND e.sequence_number > p_after
    AND numrange((r ->> 0)::numeric, (r ->> 1)::numeric, '[]') && numrange(p_first, p_last, '[]')
$$;
COMMENT ON FUNCTION audit.archive_erasure(varchar, bigint, bigint, bigint) IS
  'The first audit.erased event above p_after that names events of this range; NULL where there is none';

-- Anything but exactly the beginning of the chain as it stands is refused.
CREATE OR REPLACE FUNCTION audit.archive_range_problem(
  p_tenant_id varchar, p_first bigint, p_last bigint, p_last_hash varchar, p_replaces varchar)
RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  lowest bigint;
  head bigint;
  present bigint;
  pending record;
BEGIN
  SELECT l.sequence_number INTO lowest FROM audit.logs l
    WHERE l.tenant_id = p_tenant_id ORDER BY l.sequence_number LIMIT 1;
  SELECT l.sequence_number INTO head FROM audit.logs l
    WHERE l.tenant_id = p_tenant_id ORDER BY l.sequence_number DESC LIMIT 1;
  IF head IS NULL THEN
    RETURN 'there are no events of that tenant';
  ELSIF p_first <> lowest THEN
    RETURN format('the chain begins at %s, not at %s', lowest, p_first);
  ELSIF p_last > head THEN
    RETURN format('the chain ends at %s, before %s', head, p_last);
  END IF;
  SELECT * INTO pending FROM audit.pending_archive(p_tenant_id) LIMIT 1;
  IF pending.event_id IS DISTINCT FROM p_replaces THEN
    RETURN CASE WHEN pending.event_id IS NULL THEN format('%s records no archive whose events are still there', p_replaces)
      ELSE format('event %s already records events %s to %s as archived in %s, and they are not removed yet',
                  pending.sequence_number, pending.first, pending.last, pending.archive) END;
  ELSIF p_last < pending.last THEN
    RETURN format('%s records more: events up to %s', p_replaces, pending.last);
  END IF;
  SELECT count(*) INTO present FROM audit.logs l
    WHERE l.tenant_id = p_tenant_id AND l.sequence_number BETWEEN p_first AND p_last;
  IF present <> p_last - p_first + 1 THEN
    RETURN format('%s of the %s events are there', present, p_last - p_first + 1);
  ELSIF NOT EXISTS (SELECT FROM audit.logs l WHERE l.tenant_id = p_tenant_id AND l.sequence_number = p_last
                    AND l.event_hash = p_last_hash) THEN
    RETURN format('event %s has another hash', p_last);
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION audit.archive_range_problem(varchar, bigint, bigint, varchar, varchar) IS
  'Why these sequences are not the beginning of the tenant''s chain that could be archived now; NULL when they are';

-- The events of the range are counted before the chain's lock is taken. What may change meanwhile is looked at
-- after: another archivist's record, an erasure, a hold. So writers wait for an insert and not for a count.
CREATE OR REPLACE FUNCTION audit.record_archive(
  p_tenant_id varchar, p_archive text, p_manifest text, p_first bigint, p_last bigint, p_last_hash varchar,
  p_tree jsonb, p_read_at bigint, p_place text, p_requester text, p_reason text DEFAULT NULL,
  p_replaces varchar DEFAULT NULL)
RETURNS varchar LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET jit = off -- compiling for seconds what runs for a moment, while writers wait
AS $$
DECLARE
  own_id varchar := 'evt_' || replace(gen_random_uuid()::text, '-', '');
  problem text := coalesce(
    audit.archive_form_problem(p_archive, p_manifest, p_first, p_last, p_tree, p_place, p_requester, p_reason),
    CASE WHEN p_read_at IS NULL THEN 'p_read_at, the head of the chain when the events were read, is required' END,
    audit.archive_range_problem(p_tenant_id, p_first, p_last, p_last_hash, p_replaces));
BEGIN
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION 'cannot archive: %', problem USING ERRCODE = 'invalid_parameter_value';
  END IF;
  INSERT INTO audit.logs (event_id, event_type, tenant_id, actor_type, actor_id, actor_ip_address,
                          resource_type, resource_id, metadata)
  VALUES (own_id, 'audit.archived', p_tenant_id, 'database_login', left(session_user, 50), inet_client_addr(),
          'audit_archive', p_archive, jsonb_build_object(
            'first_sequence', p_first, 'last_sequence', p_last, 'last_hash', p_last_hash,
            'events', p_last - p_first + 1, 'manifest', p_manifest, 'archive', p_archive, 'place', p_place,
            'requester', p_requester, 'reason', p_reason, 'tree', p_tree)
            || CASE WHEN p_replaces IS NULL THEN '{}' ELSE jsonb_build_object('replaces', p_replaces) END);
  problem := audit.archive_change(p_tenant_id, p_first, p_last, p_read_at, own_id, p_replaces);
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION 'cannot archive: %', problem USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN own_id;
END
$$;
COMMENT ON FUNCTION audit.record_archive(
  varchar, text, text, bigint, bigint, varchar, jsonb, bigint, text, text, text, varchar) IS
  'Records that a tenant''s events p_first to p_last, exactly the beginning of its chain, lie in an archive with this '
  'manifest; returns the event_id of the audit.archived event. Nothing is removed yet. p_read_at is the head of the '
  'chain when the events were read, p_replaces an earlier record whose files are lost';

CREATE OR REPLACE FUNCTION audit.archive_change(
  p_tenant_id varchar, p_first bigint, p_last bigint, p_after bigint, p_own varchar, p_replaces varchar)
RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE
    WHEN EXISTS (SELECT FROM audit.pending_archive(p_tenant_id) a
                 WHERE a.event_id <> p_own AND a.event_id IS DISTINCT FROM p_replaces)
      THEN 'another archive of these events was recorded meanwhile'
    WHEN audit.archive_erasure(p_tenant_id, p_after, p_first, p_last) IS NOT NULL
      THEN format('event %s erased parts of these events after they were read',
                  audit.archive_erasure(p_tenant_id, p_after, p_first, p_last))
    ELSE audit.archive_hold(p_tenant_id, p_first, p_last) END
$$;
COMMENT ON FUNCTION audit.archive_change(varchar, bigint, bigint, bigint, varchar, varchar) IS
  'What changed about these events since they were read (another archive, an erasure, a hold); NULL where nothing did';
