-- Legal holds: what must not leave the database. A hold is a sealed event in the chain of its tenant, and ends with
-- another; there is no table of holds that anyone could edit. Only intact version 2 events count.

-- Every hold is looked for by (tenant, event type), tenant after tenant by index. Invoker's rights: whoever may not
-- see a tenant does not see its holds.
CREATE OR REPLACE FUNCTION audit.list_holds()
RETURNS TABLE (
  hold text, tenant_id varchar, actor_id text, resource_type text, resource_id text, reason text,
  placed_by varchar, placed_at timestamptz, placed_sequence bigint, active boolean,
  released_by varchar, released_at timestamptz, release_reason text)
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
  WITH RECURSIVE t AS (
    (SELECT l.tenant_id FROM audit.logs l WHERE l.tenant_id IS NOT NULL ORDER BY l.tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT l.tenant_id FROM audit.logs l WHERE l.tenant_id > t.tenant_id ORDER BY l.tenant_id LIMIT 1)
    FROM t WHERE t.tenant_id IS NOT NULL)
  SELECT h.* FROM t CROSS JOIN LATERAL audit.holds_of(t.tenant_id) AS h WHERE t.tenant_id IS NOT NULL
  ORDER BY h.placed_at, h.hold
$$;
COMMENT ON FUNCTION audit.list_holds() IS 'Every hold that was ever placed in a tenant the caller sees, oldest first';

CREATE OR REPLACE FUNCTION audit.holds_of(p_tenant_id varchar)
RETURNS TABLE (
  hold text, tenant_id varchar, actor_id text, resource_type text, resource_id text, reason text,
  placed_by varchar, placed_at timestamptz, placed_sequence bigint, active boolean,
  released_by varchar, released_at timestamptz, release_reason text)
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.metadata ->> 'hold', p.tenant_id, p.metadata ->> 'actor_id', p.metadata ->> 'resource_type',
    p.metadata ->> 'resource_id', p.metadata ->> 'reason', p.actor_id, p.timestamp, p.sequence_number,
    r.sequence_number IS NULL, r.actor_id, r.timestamp, r.reason
  FROM audit.logs p LEFT JOIN LATERAL (
    SELECT l.sequence_number, l.actor_id, l.timestamp, l.metadata ->> 'reason' AS reason FROM audit.logs l
    WHERE l.tenant_id = p_tenant_id AND l.event_type = 'audit.hold_released' AND l.sequence_number > p.sequence_number
      AND l.metadata ->> 'hold' = p.metadata ->> 'hold'
      AND l.hash_version = 2 AND l.erased_parts IS NULL AND audit.event_verifies(l)
    ORDER BY l.sequence_number LIMIT 1) AS r ON true
  WHERE p.tenant_id = p_tenant_id AND p.event_type = 'audit.hold_placed'
    AND p.metadata ->> 'hold' ~ '^hld_[0-9a-f]{16}$'
    AND p.hash_version = 2 AND p.erased_parts IS NULL AND audit.event_verifies(p)
$$;
COMMENT ON FUNCTION audit.holds_of(varchar) IS 'Every hold that was ever placed in one tenant';

-- The event that placed an active hold is held itself: with it the hold would go.
CREATE OR REPLACE FUNCTION audit.held_events(p_tenant_id varchar, p_first bigint, p_last bigint)
RETURNS TABLE (hold text, reason text, events bigint)
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.hold, c.reason, c.events FROM (
    SELECT h.hold, h.reason,
      (h.placed_sequence BETWEEN p_first AND p_last)::int + CASE
        WHEN h.actor_id IS NOT NULL THEN (
          SELECT count(*) FROM audit.logs l WHERE l.tenant_id = p_tenant_id AND l.actor_id = h.actor_id
            AND l.sequence_number BETWEEN p_first AND p_last AND l.sequence_number <> h.placed_sequence)
        WHEN h.resource_type IS NOT NULL THEN (
          SELECT count(*) FROM audit.logs l WHERE l.tenant_id = p_tenant_id AND l.resource_type = h.resource_type
            AND l.resource_id = h.resource_id
            AND l.sequence_number BETWEEN p_first AND p_last AND l.sequence_number <> h.placed_sequence)
        ELSE (
          SELECT count(*) FROM audit.logs l WHERE l.tenant_id = p_tenant_id
            AND l.sequence_number BETWEEN p_first AND p_last AND l.sequence_number <> h.placed_sequence) END AS events
    FROM audit.holds_of(p_tenant_id) AS h WHERE h.active) AS c
  WHERE c.events > 0 ORDER BY c.hold
$$;
COMMENT ON FUNCTION audit.held_events(varchar, bigint, bigint) IS
  'The active holds that cover events of a tenant between two sequences, each with its reason and how many it covers';

CREATE OR REPLACE FUNCTION audit.hold_problem(
  p_tenant_id varchar, p_reason text, p_actor_id text, p_resource_type text, p_resource_id text)
RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE
    WHEN p_reason IS NULL OR p_reason !~ '[^[:space:]]' THEN 'a reason is required'
    WHEN length(p_reason) > 2000 THEN 'a reason has at most 2,000 characters'
    WHEN p_actor_id IS NOT NULL AND (p_resource_type IS NOT NULL OR p_resource_id IS NOT NULL)
      THEN 'a hold is about an actor or a resource, not both: place two'
    WHEN (p_resource_type IS NULL) <> (p_resource_id IS NULL) THEN 'a resource is named by its type and its id'
    WHEN p_actor_id = '' OR p_resource_type = '' OR p_resource_id = '' THEN 'an actor or a resource has a name'
    WHEN length(p_actor_id) > 50 OR length(p_resource_type) > 100 OR length(p_resource_id) > 50
      THEN 'no event can hold a name that long'
    WHEN p_tenant_id IS NULL OR NOT EXISTS (SELECT FROM audit.logs l WHERE l.tenant_id = p_tenant_id)
      THEN 'there are no events of that tenant' END
$$;
COMMENT ON FUNCTION audit.hold_problem(varchar, text, text, text, text) IS
  'What stands in the way of a hold, as a sentence; NULL when nothing does';

CREATE OR REPLACE FUNCTION audit.write_hold_event(
  p_tenant_id varchar, p_event_type varchar, p_hold text, p_actor_id text, p_resource_type text, p_resource_id text,
  p_reason text)
RETURNS void LANGUAGE sql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO audit.logs (event_id, event_type, tenant_id, actor_type, actor_id, actor_ip_address,
                          resource_type, resource_id, metadata)
  VALUES ('evt_' || replace(gen_random_uuid()::text, '-', ''), p_event_type, p_tenant_id, 'database_login',
          left(session_user, 50), inet_client_addr(), 'audit_hold', p_hold, jsonb_build_object(
            'hold', p_hold, 'actor_id', p_actor_id, 'resource_type', p_resource_type, 'resource_id', p_resource_id,
            'reason', p_reason))
$$;
COMMENT ON FUNCTION audit.write_hold_event(varchar, varchar, text, text, text, text, text) IS
  'Logs an event about a hold; the caller''s own rights decide, so only the owner role gets anywhere';

-- Both lend the owner's rights to write one fixed event type; who called is the login (session_user).
CREATE OR REPLACE FUNCTION audit.place_hold(
  p_tenant_id varchar, p_reason text, p_actor_id text DEFAULT NULL, p_resource_type text DEFAULT NULL,
  p_resource_id text DEFAULT NULL)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  problem text := audit.hold_problem(p_tenant_id, p_reason, p_actor_id, p_resource_type, p_resource_id);
  own_id text := 'hld_' || left(encode(sha256(uuid_send(gen_random_uuid())), 'hex'), 16);
BEGIN
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION 'cannot place a hold: %', problem USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM audit.write_hold_event(p_tenant_id, 'audit.hold_placed', own_id, p_actor_id, p_resource_type, p_resource_id,
                                 p_reason);
  RETURN own_id;
END
$$;
COMMENT ON FUNCTION audit.place_hold(varchar, text, text, text, text) IS
  'Places a hold on a tenant, or on one actor or resource of it, and returns its name. What is held cannot be archived';

CREATE OR REPLACE FUNCTION audit.release_hold(p_hold text, p_reason text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  held record;
BEGIN
  IF p_reason IS NULL OR p_reason !~ '[^[:space:]]' OR length(p_reason) > 2000 THEN
    RAISE EXCEPTION 'cannot release the hold: a reason of at most 2,000 characters is required'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT h.* INTO held FROM audit.list_holds() AS h WHERE h.hold = p_hold;
  IF held.hold IS NULL THEN
    RAISE EXCEPTION 'cannot release the hold: there is no intact hold of that name'
      USING ERRCODE = 'invalid_parameter_value', HINT = 'SELECT * FROM audit.list_holds()';
  END IF;
  -- Under the chain's lock, and looked at again: another login may release it at this moment. Under a snapshot that
  -- is older than the other's event, the lock itself fails (40001).
  PERFORM audit.write_hold_event(held.tenant_id, 'audit.hold_released', p_hold, held.actor_id, held.resource_type,
                                 held.resource_id, p_reason);
  IF NOT held.active OR 1 < (SELECT count(*) FROM audit.logs l
                             WHERE l.tenant_id = held.tenant_id AND l.event_type = 'audit.hold_released'
                               AND l.metadata ->> 'hold' = p_hold AND audit.carries_authority(l)) THEN
    RAISE EXCEPTION 'cannot release the hold: it was released before' USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;
COMMENT ON FUNCTION audit.release_hold(text, text) IS 'Ends a hold; refused for one that does not exist or has ended';
