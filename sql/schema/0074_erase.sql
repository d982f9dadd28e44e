-- Approving and applying erasures (GDPR). Both functions lend the owner's rights to write one fixed event type
-- each; who called is the login (session_user), which SET ROLE does not change.

CREATE OR REPLACE FUNCTION audit.erasure_grounds_problem(p_tenant_id varchar, p_plan text, p_reason text,
                                                         p_legal_basis text, p_requester text)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN p_reason IS NULL OR p_reason !~ '[^[:space:]]' THEN 'a reason is required'
    WHEN p_legal_basis IS NULL OR p_legal_basis !~ '[^[:space:]]' THEN 'a legal basis is required'
    WHEN p_requester IS NULL OR p_requester !~ '[^[:space:]]' THEN 'a requester is required'
    WHEN p_plan !~ '^[0-9a-f]{64}$' THEN 'the plan is named by its SHA-256: 64 lower-case hex digits'
    WHEN NOT EXISTS (SELECT FROM audit.logs l WHERE l.tenant_id = p_tenant_id)
      THEN 'there are no events of that tenant' END
$$;
COMMENT ON FUNCTION audit.erasure_grounds_problem(varchar, text, text, text, text) IS
  'What is missing to approve or apply an erasure, as a sentence; NULL when nothing is';

CREATE OR REPLACE FUNCTION audit.write_erasure_event(
  p_tenant_id varchar, p_event_type varchar, p_plan text, p_metadata jsonb)
RETURNS varchar LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  own_id varchar := 'evt_' || replace(gen_random_uuid()::text, '-', '');
BEGIN
  INSERT INTO audit.logs (event_id, event_type, tenant_id, actor_type, actor_id, actor_ip_address,
                          resource_type, resource_id, metadata)
  VALUES (own_id, p_event_type, p_tenant_id, 'database_login', left(session_user, 50), inet_client_addr(),
          'audit_erasure', coalesce(left(p_plan, 50), own_id), p_metadata);
  RETURN own_id;
END
$$;
COMMENT ON FUNCTION audit.write_erasure_event(varchar, varchar, text, jsonb) IS
  'Logs an event about an erasure; the caller''s own rights decide, so only the owner role gets anywhere';

CREATE OR REPLACE FUNCTION audit.approve_erasure(
  p_tenant_id varchar, p_plan text, p_reason text, p_legal_basis text, p_requester text)
RETURNS varchar LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  problem text := CASE WHEN p_plan IS NULL THEN 'a plan is required'
    ELSE audit.erasure_grounds_problem(p_tenant_id, p_plan, p_reason, p_legal_basis, p_requester) END;
BEGIN
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION 'cannot approve: %', problem USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN audit.write_erasure_event(p_tenant_id, 'audit.erasure_approved', p_plan, jsonb_build_object(
    'plan', p_plan, 'reason', p_reason, 'legal_basis', p_legal_basis, 'requester', p_requester,
    'approver', session_user));
END
$$;
COMMENT ON FUNCTION audit.approve_erasure(varchar, text, text, text, text) IS
  'Records that this login approves an erasure plan (its SHA-256) for a tenant; returns the event_id. '
  'Someone else applies it';

CREATE OR REPLACE FUNCTION audit.erasure_approver(p_tenant_id varchar, p_plan text)
RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT l.metadata ->> 'approver' FROM audit.logs l
  WHERE l.tenant_id = p_tenant_id AND l.event_type = 'audit.erasure_approved'
    AND l.metadata ->> 'plan' = p_plan AND l.metadata ->> 'approver' <> session_user AND audit.carries_authority(l)
  ORDER BY l.sequence_number DESC LIMIT 1
$$;
COMMENT ON FUNCTION audit.erasure_approver(varchar, text) IS
  'The login, other than the caller''s, that approved this plan for the tenant last; NULL where there is none';

-- An erasure would also take the name by which a hold on an actor knows what it covers.
CREATE OR REPLACE FUNCTION audit.erasure_hold(p_tenant_id varchar, p_erased jsonb)
RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT format('some of these events are held by %s: %s', h.hold, left(h.reason, 200))
  FROM audit.holds_of(p_tenant_id) AS h
  WHERE h.active AND (h.actor_id IS NULL AND h.resource_type IS NULL OR EXISTS (
    SELECT FROM jsonb_array_elements(p_erased) AS g CROSS JOIN LATERAL jsonb_array_elements(g -> 'sequences') AS r
    JOIN audit.logs l ON l.tenant_id = p_tenant_id
      AND l.sequence_number BETWEEN least((r ->> 0)::numeric, 9223372036854775807)::bigint
                                AND least((r ->> 1)::numeric, 9223372036854775807)::bigint
    WHERE l.actor_id = h.actor_id OR l.resource_type = h.resource_type AND l.resource_id = h.resource_id))
  ORDER BY h.hold LIMIT 1
$$;
COMMENT ON FUNCTION audit.erasure_hold(varchar, jsonb) IS
  'Which active hold covers events of a well-formed list of groups to erase, as a sentence; NULL when none does';

-- In this order: grounds, form and approval; the covering event (which takes the chain's lock until the end of
-- the transaction); whether a hold forbids it; then each group. The update trigger proves every row again, whoever
-- calls.
CREATE OR REPLACE FUNCTION audit.erase(
  p_tenant_id varchar, p_erased jsonb, p_reason text, p_legal_basis text, p_requester text,
  p_plan text DEFAULT NULL, p_single_operator boolean DEFAULT false)
RETURNS varchar LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  approver text;
  normal jsonb;
  covering varchar;
  the_group jsonb;
  problem text := coalesce(
    audit.erasure_grounds_problem(p_tenant_id, p_plan, p_reason, p_legal_basis, p_requester),
    audit.erased_list_problem(p_erased));
BEGIN
  IF problem IS NULL AND p_single_operator IS NOT TRUE THEN
    approver := audit.erasure_approver(p_tenant_id, p_plan);
    problem := CASE WHEN p_plan IS NULL THEN 'a plan that someone else approved is required'
      WHEN approver IS NULL THEN 'no other login has approved this plan for this tenant' END;
  END IF;
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION 'cannot erase: %', problem USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT jsonb_agg(jsonb_build_object('sequences', g -> 'sequences', 'parts', g -> 'parts',
                                      'actor_id', g -> 'actor_id', 'actor_email', g -> 'actor_email') ORDER BY n)
    INTO normal FROM jsonb_array_elements(p_erased) WITH ORDINALITY AS e(g, n);
  covering := audit.write_erasure_event(p_tenant_id, 'audit.erased', p_plan, jsonb_build_object(
      'erased', normal, 'plan', p_plan, 'reason', p_reason, 'legal_basis', p_legal_basis, 'requester', p_requester,
      'approver', approver)
    || CASE WHEN p_single_operator THEN '{"single_operator": true}' ELSE '{}' END::jsonb);
  problem := audit.erasure_hold(p_tenant_id, normal);
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION 'cannot erase: %', problem USING ERRCODE = 'invalid_parameter_value',
      HINT = 'SELECT * FROM audit.list_holds(); what is held must not change until the hold is released';
  END IF;
  FOR the_group IN SELECT jsonb_array_elements(normal) LOOP
    PERFORM audit.erase_group(p_tenant_id, the_group);
  END LOOP;
  RETURN covering;
END
$$;
COMMENT ON FUNCTION audit.erase(varchar, jsonb, text, text, text, text, boolean) IS
  'Erases parts of events as p_erased lists them (sequences, parts, actor_id, actor_email), after the covering '
  'audit.erased event whose event_id it returns. Wants a plan that another login approved, unless single operator; '
  'refused for events on hold';
