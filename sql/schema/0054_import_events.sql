-- History with given times: from another log, from files, for a demonstration. Only for the owner role.

-- p_events: an array of objects whose keys are columns of audit.logs; event_id, timestamp (ISO 8601 with its
-- UTC offset), event_type, actor_type, actor_id, resource_type and resource_id are required. They are sealed
-- in the order given, so times must not go back, nor lie in the future or before the tenant's last event.
-- A key that is absent or null is a SQL NULL, as row_to_json writes it. A JSON null in a jsonb column is named
-- in one more key: "json_null": ["resource_after"].
CREATE OR REPLACE FUNCTION audit.import_events(p_tenant_id varchar, p_source text, p_events jsonb)
RETURNS bigint LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, YMD' AS $$
DECLARE
  problem text;
  written bigint;
  first_sequence bigint;
  last_sequence bigint;
  last_time timestamptz;
  own_id varchar := 'evt_' || replace(gen_random_uuid()::text, '-', '');
BEGIN
  IF current_user <> 'audit_owner' THEN
    RAISE EXCEPTION 'only the owner role imports history' USING ERRCODE = 'insufficient_privilege',
      HINT = 'SET ROLE audit_owner';
  END IF;
  IF coalesce(p_tenant_id, '') = '' OR coalesce(p_source, '') = '' THEN
    RAISE EXCEPTION 'an import needs a tenant and a source' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  problem := audit.import_problem(p_tenant_id, p_events);
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION 'cannot import: %', problem USING ERRCODE = 'invalid_parameter_value';
  END IF;

  -- hash_version 0 is how the sealing trigger knows history; it leaves as 2.
  WITH appended AS (
    INSERT INTO audit.logs (
      event_id, timestamp, event_type, tenant_id, actor_type, actor_id, actor_email, actor_ip_address,
      resource_type, resource_id, endpoint, http_method, request_id, session_id, user_agent, hash_version,
      changes, resource_before, resource_after, metadata)
    SELECT r.event_id, r.timestamp, r.event_type, p_tenant_id, r.actor_type, r.actor_id, r.actor_email,
      r.actor_ip_address, r.resource_type, r.resource_id, r.endpoint, r.http_method, r.request_id, r.session_id,
      r.user_agent, 0,
      CASE WHEN e.event -> 'json_null' ? 'changes' THEN 'null' ELSE r.changes END,
      CASE WHEN e.event -> 'json_null' ? 'resource_before' THEN 'null' ELSE r.resource_before END,
      CASE WHEN e.event -> 'json_null' ? 'resource_after' THEN 'null' ELSE r.resource_after END,
      CASE WHEN e.event -> 'json_null' ? 'metadata' THEN 'null' ELSE r.metadata END
    FROM jsonb_array_elements(p_events) WITH ORDINALITY AS e(event, n)
    CROSS JOIN LATERAL jsonb_populate_record(NULL::audit.logs, e.event - 'json_null') AS r
    ORDER BY e.n
    RETURNING sequence_number, timestamp
  )
  SELECT count(*), min(a.sequence_number), max(a.sequence_number), max(a.timestamp)
    INTO written, first_sequence, last_sequence, last_time FROM appended a;

  INSERT INTO audit.logs (event_id, timestamp, event_type, tenant_id, actor_type, actor_id, resource_type,
                          resource_id, hash_version, metadata)
  VALUES (own_id, last_time, 'audit.imported', p_tenant_id, 'database_login', left(session_user, 50), 'audit_import',
          own_id, 0, jsonb_build_object(
            'first_sequence', first_sequence, 'last_sequence', last_sequence, 'events', written,
            'source', p_source, 'imported_at', to_char(clock_timestamp(), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'login', session_user));
  RETURN written;
END
$$;
COMMENT ON FUNCTION audit.import_events(varchar, text, jsonb) IS
  'Appends history with its own event_ids and times (owner role only) and returns the number of events written; '
  'a closing audit.imported event names sequences, source and the real time';

CREATE OR REPLACE FUNCTION audit.import_problem(p_tenant_id varchar, p_events jsonb)
RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  allowed constant text[] := ARRAY[
    'event_id', 'timestamp', 'event_type', 'tenant_id', 'actor_type', 'actor_id', 'actor_email', 'actor_ip_address',
    'resource_type', 'resource_id', 'endpoint', 'http_method', 'changes', 'resource_before', 'resource_after',
    'request_id', 'session_id', 'user_agent', 'metadata', 'json_null'];
  nullable constant jsonb := '["changes", "resource_before", "resource_after", "metadata"]';
  problem text;
BEGIN
  IF jsonb_typeof(p_events) IS DISTINCT FROM 'array' OR p_events = '[]' THEN
    RETURN 'the events must be a non-empty JSON array';
  END IF;
  SELECT format('event %s %s', e.n, CASE
      WHEN jsonb_typeof(e.event) <> 'object' THEN 'is not an object'
      WHEN e.event - allowed <> '{}' THEN 'has a key that cannot be imported'
      WHEN coalesce(e.event ->> 'tenant_id', p_tenant_id) <> p_tenant_id THEN 'belongs to another tenant'
      WHEN lower(e.event ->> 'event_type' COLLATE "C") LIKE 'audit.%' THEN 'has a reserved type'
      WHEN coalesce(e.event ->> 'timestamp', '') !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(Z|[+-][0-9]{2}(:?[0-9]{2})?)$'
        THEN 'has no time with a UTC offset'
      ELSE 'names columns in json_null that cannot hold a JSON null, or that hold a value' END)
    INTO problem
    FROM jsonb_array_elements(p_events) WITH ORDINALITY AS e(event, n)
    WHERE CASE WHEN jsonb_typeof(e.event) <> 'object' THEN true
      ELSE e.event - allowed <> '{}'
        OR coalesce(e.event ->> 'tenant_id', p_tenant_id) <> p_tenant_id
        OR coalesce(lower(e.event ->> 'event_type' COLLATE "C") LIKE 'audit.%', false)
        OR coalesce(e.event ->> 'timestamp', '') !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(Z|[+-][0-9]{2}(:?[0-9]{2})?)$'
        OR e.event ? 'json_null' AND (jsonb_typeof(e.event -> 'json_null') <> 'array'
             OR NOT e.event -> 'json_null' <@ nullable
             OR EXISTS (SELECT FROM jsonb_array_elements_text(e.event -> 'json_null') c
                        WHERE jsonb_typeof(e.event -> c) <> 'null')) END
    ORDER BY e.n LIMIT 1;
  RETURN problem;
END
$$;
COMMENT ON FUNCTION audit.import_problem(varchar, jsonb) IS
  'What makes these events unfit for import_events, as a sentence; NULL when nothing does';
