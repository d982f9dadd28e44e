-- Row visibility by tenant, where the install asks for it (audit_install.tenant_isolation): a reader sees the
-- tenants that audit.grant_tenant gave them, and no other. Those who verify, erase or archive see everything:
-- a verdict on part of a log is none. Writers insert as before, and the owner's functions are not concerned.

CREATE TABLE IF NOT EXISTS audit.tenant_readers (
  role_name   name        NOT NULL,
  tenant_id   varchar(50) NOT NULL,
  granted_by  name        NOT NULL DEFAULT session_user,
  granted_at  timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT tenant_readers_pkey PRIMARY KEY (role_name, tenant_id)
);
COMMENT ON TABLE audit.tenant_readers IS 'Which role may read which tenant, where tenant isolation is on';
COMMENT ON COLUMN audit.tenant_readers.role_name IS 'A login or a group; by name, so that it survives dump and restore';
COMMENT ON COLUMN audit.tenant_readers.tenant_id IS 'The tenant they may read';
COMMENT ON COLUMN audit.tenant_readers.granted_by IS 'The login that granted it';
COMMENT ON COLUMN audit.tenant_readers.granted_at IS 'When';
COMMENT ON CONSTRAINT tenant_readers_pkey ON audit.tenant_readers IS 'A grant is made once';
COMMENT ON INDEX audit.tenant_readers_pkey IS 'A role''s tenants';

-- Policies ask this table as whoever reads, so they may see their own lines and nobody else's.
DO $own_lines$
BEGIN
  IF NOT (SELECT c.relrowsecurity FROM pg_class c WHERE c.oid = 'audit.tenant_readers'::regclass) THEN
    ALTER TABLE audit.tenant_readers ENABLE ROW LEVEL SECURITY;
  END IF;
  DROP POLICY IF EXISTS own_lines ON audit.tenant_readers;
  -- A role that is gone has no oid, and NULL lets nobody see.
  CREATE POLICY own_lines ON audit.tenant_readers FOR SELECT TO PUBLIC
    USING (pg_has_role(current_user, to_regrole(quote_ident(role_name))::oid, 'USAGE'));
  COMMENT ON POLICY own_lines ON audit.tenant_readers IS 'A role sees which tenants it may read';
END
$own_lines$;

DO $isolation$
DECLARE
  missing text;
  policy name;
  is_on boolean := (SELECT c.relrowsecurity FROM pg_class c WHERE c.oid = 'audit.logs'::regclass);
BEGIN
  FOR policy IN SELECT p.polname FROM pg_policy p
                WHERE p.polrelid = 'audit.logs'::regclass AND p.polname LIKE 'tenant\_isolation\_%' LOOP
    EXECUTE format('DROP POLICY %I ON audit.logs', policy);
  END LOOP;
  DROP POLICY IF EXISTS tenant_isolation_readers ON audit.retention_rules;
  DROP POLICY IF EXISTS tenant_isolation_keepers ON audit.retention_rules;
  IF current_setting('audit_install.tenant_isolation') <> 'on' THEN
    IF is_on THEN
      ALTER TABLE audit.logs DISABLE ROW LEVEL SECURITY;
    END IF;
    IF (SELECT c.relrowsecurity FROM pg_class c WHERE c.oid = 'audit.retention_rules'::regclass) THEN
      ALTER TABLE audit.retention_rules DISABLE ROW LEVEL SECURITY;
    END IF;
    RETURN;
  END IF;

  SELECT string_agg(r, ', ') INTO missing
    FROM unnest(ARRAY['audit_reader', 'audit_writer', 'audit_admin', 'audit_eraser', 'audit_archivist']) r
    WHERE to_regrole(r) IS NULL;
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION 'tenant isolation is made of policies for the schema''s roles, and some do not exist: %', missing
      USING ERRCODE = '55000', HINT = 'install with roles, or without --tenant-isolation';
  END IF;
  IF NOT is_on THEN
    ALTER TABLE audit.logs ENABLE ROW LEVEL SECURITY;
  END IF;
  -- One array per query, so that the index on the tenant still serves.
  CREATE POLICY tenant_isolation_readers ON audit.logs FOR SELECT TO audit_reader
    USING (tenant_id = ANY (ARRAY(
      SELECT r.tenant_id FROM audit.tenant_readers r
      WHERE pg_has_role(current_user, to_regrole(quote_ident(r.role_name))::oid, 'USAGE'))));
  CREATE POLICY tenant_isolation_keepers ON audit.logs FOR SELECT TO audit_admin, audit_eraser, audit_archivist
    USING (true);
  CREATE POLICY tenant_isolation_writers ON audit.logs FOR INSERT TO audit_writer
    WITH CHECK (true);
  COMMENT ON POLICY tenant_isolation_readers ON audit.logs IS 'A reader sees the tenants that were granted';
  COMMENT ON POLICY tenant_isolation_keepers ON audit.logs IS 'Who verifies, erases or archives sees every tenant';
  COMMENT ON POLICY tenant_isolation_writers ON audit.logs IS 'Writers log for every tenant';

  -- A rule names its tenant. Those that a reader sees are all that concern the tenants they see.
  IF NOT (SELECT c.relrowsecurity FROM pg_class c WHERE c.oid = 'audit.retention_rules'::regclass) THEN
    ALTER TABLE audit.retention_rules ENABLE ROW LEVEL SECURITY;
  END IF;
  CREATE POLICY tenant_isolation_readers ON audit.retention_rules FOR SELECT TO audit_reader
    USING (tenant_id IS NULL OR tenant_id = ANY (ARRAY(
      SELECT r.tenant_id FROM audit.tenant_readers r
      WHERE pg_has_role(current_user, to_regrole(quote_ident(r.role_name))::oid, 'USAGE'))));
  CREATE POLICY tenant_isolation_keepers ON audit.retention_rules FOR SELECT
    TO audit_admin, audit_eraser, audit_archivist USING (true);
  COMMENT ON POLICY tenant_isolation_readers ON audit.retention_rules IS
    'A reader sees the rules of every tenant, and those of the tenants that were granted';
  COMMENT ON POLICY tenant_isolation_keepers ON audit.retention_rules IS 'Who keeps the log sees every rule';
END
$isolation$;

-- Both lend the owner's rights and are granted to nobody: a superuser or the owner role calls them, and what
-- was granted is told in the chain.
CREATE OR REPLACE FUNCTION audit.grant_tenant(p_role name, p_tenant_id varchar)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF to_regrole(quote_ident(p_role)) IS NULL THEN
    RAISE EXCEPTION 'there is no role %', quote_ident(p_role) USING ERRCODE = 'undefined_object';
  ELSIF coalesce(p_tenant_id, '') = '' THEN
    RAISE EXCEPTION 'a tenant is required' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  INSERT INTO audit.tenant_readers (role_name, tenant_id) VALUES (p_role, p_tenant_id) ON CONFLICT DO NOTHING;
  IF FOUND THEN
    PERFORM audit.write_access_event('audit.access_granted', p_role, p_tenant_id);
    RETURN true;
  END IF;
  RETURN false;
END
$$;
COMMENT ON FUNCTION audit.grant_tenant(name, varchar) IS
  'Lets a role read a tenant where tenant isolation is on; false where it could already. Granted to nobody';

CREATE OR REPLACE FUNCTION audit.revoke_tenant(p_role name, p_tenant_id varchar)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM audit.tenant_readers r WHERE r.role_name = p_role AND r.tenant_id = p_tenant_id;
  IF FOUND THEN
    PERFORM audit.write_access_event('audit.access_revoked', p_role, p_tenant_id);
    RETURN true;
  END IF;
  RETURN false;
END
$$;
COMMENT ON FUNCTION audit.revoke_tenant(name, varchar) IS
  'Takes a tenant from a role''s sight; false where it had not been granted. Granted to nobody';

CREATE OR REPLACE FUNCTION audit.write_access_event(p_event_type varchar, p_role name, p_tenant_id varchar)
RETURNS void LANGUAGE sql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO audit.logs (event_id, event_type, tenant_id, actor_type, actor_id, actor_ip_address,
                          resource_type, resource_id, metadata)
  VALUES ('evt_' || replace(gen_random_uuid()::text, '-', ''), p_event_type, '_audit', 'database_login',
          left(session_user, 50), inet_client_addr(), 'audit_access', left(p_role, 50),
          jsonb_build_object('role', p_role, 'tenant', p_tenant_id))
$$;
COMMENT ON FUNCTION audit.write_access_event(varchar, name, varchar) IS
  'Logs a change of who may read what; the caller''s own rights decide, so only the owner role gets anywhere';
