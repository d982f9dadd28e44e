-- Writing audit.ddl events into the tenant _audit: how 0089_ddl_trigger.sql records who changes the schema.

-- What the trigger would do, where it does not fire: it was disabled, or the session plays a replica.
CREATE OR REPLACE FUNCTION audit.seal_by_hand(p_event audit.logs) RETURNS audit.logs
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  head record;
BEGIN
  INSERT INTO audit.chains AS c (tenant_id, holder, since)
    VALUES (p_event.tenant_id, pg_current_xact_id(), transaction_timestamp())
    ON CONFLICT (tenant_id) DO UPDATE SET holder = EXCLUDED.holder, since = EXCLUDED.since
    WHERE (c.holder, c.since) IS DISTINCT FROM (pg_current_xact_id(), transaction_timestamp());
  SELECT l.sequence_number, l.event_hash, l.timestamp INTO head
    FROM audit.logs l WHERE l.tenant_id = p_event.tenant_id ORDER BY l.sequence_number DESC LIMIT 1;
  p_event.timestamp := clock_timestamp();
  IF head.timestamp > p_event.timestamp AND head.timestamp <= p_event.timestamp + make_interval(secs => 60) THEN
    p_event.timestamp := head.timestamp;
  END IF;
  p_event.sequence_number := coalesce(head.sequence_number, 0) + 1;
  p_event.previous_hash := head.event_hash;
  p_event.hash_version := 2;
  p_event.part_salts := sha512(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
  p_event.event_hash := audit.sealed_hash_v2(p_event);
  RETURN p_event;
END
$$;
COMMENT ON FUNCTION audit.seal_by_hand(audit.logs) IS
  'Seals an event of the schema itself where the sealing trigger does not fire; the caller''s own rights decide';

CREATE OR REPLACE FUNCTION audit.write_ddl_event(p_identity text, p_metadata jsonb) RETURNS varchar
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  event audit.logs;
BEGIN
  event.event_id := 'evt_' || replace(gen_random_uuid()::text, '-', '');
  event.event_type := 'audit.ddl';
  event.tenant_id := '_audit';
  event.actor_type := 'database_login';
  event.actor_id := left(session_user, 50);
  event.actor_ip_address := inet_client_addr();
  event.resource_type := 'audit_schema';
  event.resource_id := left(p_identity, 50);
  event.metadata := p_metadata;
  -- Not as a plan that the session keeps: one made while a rule DO INSTEAD NOTHING stood (and be it for a moment,
  -- before a rollback) depends on no table, and PostgreSQL would go on doing nothing with it.
  BEGIN
    EXECUTE 'INSERT INTO audit.logs (event_id, event_type, tenant_id, actor_type, actor_id, actor_ip_address,
                                     resource_type, resource_id, metadata)
      SELECT e.event_id, e.event_type, e.tenant_id, e.actor_type, e.actor_id, e.actor_ip_address,
             e.resource_type, e.resource_id, e.metadata FROM (SELECT ($1).*) e' USING event;
  EXCEPTION WHEN not_null_violation THEN
    EXECUTE 'INSERT INTO audit.logs (id, event_id, sequence_number, timestamp, event_type, tenant_id, actor_type,
                                     actor_id, actor_ip_address, resource_type, resource_id, metadata, previous_hash,
                                     event_hash, hash_version, part_salts)
      SELECT nextval(''audit.logs_id_seq''), e.event_id, e.sequence_number, e.timestamp, e.event_type, e.tenant_id, e.actor_type, e.actor_id,
             e.actor_ip_address, e.resource_type, e.resource_id, e.metadata, e.previous_hash, e.event_hash,
             e.hash_version, e.part_salts FROM (SELECT ($1).*) e' USING audit.seal_by_hand(event);
  END;
  RETURN event.event_id;
END
$$;
COMMENT ON FUNCTION audit.write_ddl_event(text, jsonb) IS
  'Logs an audit.ddl event and returns its event_id; the caller''s own rights decide, so only the owner gets anywhere';

-- A statement may carry a password beside the command that is recorded.
CREATE OR REPLACE FUNCTION audit.ddl_statement() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT left(regexp_replace(left(current_query(), 10000),
    '(password)(\s*=?\s*)(E?''([^'']|'''')*''?|\$([a-z_0-9]*)\$.*?\$\5\$|[^\s'',;)]+)', '\1\2...', 'gi'), 2000)
$$;
COMMENT ON FUNCTION audit.ddl_statement() IS
  'What the client sent, its first 2,000 characters, without passwords';

-- An install changes much at once and is one event, written before or after. The transaction's number and start in
-- it tell which commands it stands for; whoever writes such an event by hand leaves just that event behind.
CREATE OR REPLACE FUNCTION audit.ddl_transaction() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT pg_current_xact_id()::text || ' ' || extract(epoch FROM transaction_timestamp())::text
$$;
COMMENT ON FUNCTION audit.ddl_transaction() IS 'The number and start of this transaction, as an install records them';

CREATE OR REPLACE FUNCTION audit.record_install(p_command text, p_statement text) RETURNS varchar
LANGUAGE sql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
  SELECT audit.write_ddl_event('audit', jsonb_build_object(
    'command', p_command, 'object', 'audit', 'object_type', 'schema', 'statement', p_statement,
    'login', session_user, 'application', current_setting('application_name'),
    'transaction', audit.ddl_transaction()))
$$;
COMMENT ON FUNCTION audit.record_install(text, text) IS
  'Logs that an install or upgrade of this tool changes the schema in this transaction: one event for all of it';

CREATE OR REPLACE FUNCTION audit.is_installing() RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (
    SELECT FROM (SELECT l.metadata FROM audit.logs l WHERE l.tenant_id = '_audit' AND l.event_type = 'audit.ddl'
                 ORDER BY l.sequence_number DESC LIMIT 20) newest
    WHERE newest.metadata ->> 'transaction' = audit.ddl_transaction()) THEN
    RETURN true;
  END IF;
  -- While events move out of the default partition (0039) it stands apart from the log, with that event in it.
  IF NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = to_regclass('audit.logs_default') AND NOT c.relispartition) THEN
    RETURN false;
  END IF;
  RETURN EXISTS (SELECT FROM audit.logs_default l WHERE l.tenant_id = '_audit' AND l.event_type = 'audit.ddl'
                 AND l.metadata ->> 'transaction' = audit.ddl_transaction());
END
$$;
COMMENT ON FUNCTION audit.is_installing() IS
  'Whether an event of this very transaction already says that an install changes the schema';
