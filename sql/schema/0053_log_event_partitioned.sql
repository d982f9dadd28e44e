-- How applications log in the layout by time range: the same signature, another body. The chain's lock is taken
-- before the row's partition is chosen, and the sealing trigger draws the event_id.
DO $layout$
BEGIN
  IF current_setting('audit_install.layout') <> 'partitioned' THEN
    RETURN;
  END IF;
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
  RETURNS varchar LANGUAGE plpgsql SECURITY INVOKER AS $body$
  BEGIN
    INSERT INTO audit.logs (
      timestamp, event_type, tenant_id, actor_type, actor_id, actor_email, actor_ip_address,
      resource_type, resource_id, endpoint, http_method, changes, resource_before, resource_after,
      request_id, session_id, user_agent, metadata)
    VALUES (
      audit.take_turn(p_tenant_id), p_event_type, p_tenant_id, p_actor_type, p_actor_id, p_actor_email,
      p_actor_ip_address, p_resource_type, p_resource_id, p_endpoint, p_http_method, p_changes, p_resource_before,
      p_resource_after, p_request_id, p_session_id, p_user_agent, p_metadata);
    RETURN pg_catalog.current_setting('audit_tui.event_id');
  END
  $body$;
END
$layout$;
