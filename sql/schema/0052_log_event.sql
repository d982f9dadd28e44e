-- How applications log. The guide's signature; the event_id comes back.

-- SECURITY INVOKER: with the owner's rights any writer could log a reserved type. No SET: it costs a
-- tenth of the call, and a search_path of the caller's own making can only harm the caller.
CREATE OR REPLACE FUNCTION audit.log_event(
  p_event_type       varchar,
  p_tenant_id        varchar,
  p_actor_type       varchar,
  p_actor_id         varchar,
  p_actor_email      varchar,
  p_actor_ip_address inet,
  p_resource_type    varchar,
  p_resource_id      varchar,
  p_endpoint         varchar,
  p_http_method      varchar,
  p_changes          jsonb   DEFAULT NULL,
  p_resource_before  jsonb   DEFAULT NULL,
  p_resource_after   jsonb   DEFAULT NULL,
  p_request_id       varchar DEFAULT NULL,
  p_session_id       varchar DEFAULT NULL,
  p_user_agent       text    DEFAULT NULL,
  p_metadata         jsonb   DEFAULT NULL)
RETURNS varchar LANGUAGE plpgsql SECURITY INVOKER AS $$
DECLARE
  new_id varchar := pg_catalog.concat('evt_', pg_catalog.replace(pg_catalog.gen_random_uuid()::pg_catalog.text, '-', ''));
BEGIN
  INSERT INTO audit.logs (
    event_id, event_type, tenant_id, actor_type, actor_id, actor_email, actor_ip_address,
    resource_type, resource_id, endpoint, http_method, changes, resource_before, resource_after,
    request_id, session_id, user_agent, metadata)
  VALUES (
    new_id, p_event_type, p_tenant_id, p_actor_type, p_actor_id, p_actor_email, p_actor_ip_address,
    p_resource_type, p_resource_id, p_endpoint, p_http_method, p_changes, p_resource_before, p_resource_after,
    p_request_id, p_session_id, p_user_agent, p_metadata);
  RETURN new_id;
END
$$;
COMMENT ON FUNCTION audit.log_event(
  varchar, varchar, varchar, varchar, varchar, inet, varchar, varchar, varchar, varchar,
  jsonb, jsonb, jsonb, varchar, varchar, text, jsonb) IS
  'Logs one event and returns its event_id. Concurrent writers of one tenant wait for each other; under '
  'REPEATABLE READ or SERIALIZABLE retry on 40001, and on 40P01 where tenants are taken in opposite order';
