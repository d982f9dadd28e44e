-- Retention: how long which events are kept, as data. Nothing here moves or removes anything: reports say what is
-- due, people archive. For each event the most specific rule counts: one of its tenant before one of all tenants,
-- then the exact type before a prefix, a longer prefix before a shorter one, and * last.

DO $rules$
BEGIN
  IF to_regclass('audit.retention_rules') IS NULL THEN
    CREATE TABLE audit.retention_rules (
      name          varchar(63)  CONSTRAINT retention_rules_pkey PRIMARY KEY
                    CONSTRAINT retention_rule_name CHECK (name ~ '^[a-z][a-z0-9_-]*$'),
      event_pattern varchar(100) NOT NULL
                    CONSTRAINT retention_pattern CHECK (event_pattern = '*' OR event_pattern ~ '^[^*]+([.][*])?$'),
      tenant_id     varchar(50),
      keep          interval CONSTRAINT retention_keep CHECK (keep > '0'),
      hot           interval NOT NULL DEFAULT '1 year',
      warm          interval NOT NULL DEFAULT '3 years',
      CONSTRAINT retention_order CHECK (hot > '0' AND hot <= warm AND (keep IS NULL OR warm <= keep))
    );
    CREATE UNIQUE INDEX retention_rules_scope_idx
      ON audit.retention_rules (event_pattern, (tenant_id IS NULL), coalesce(tenant_id, ''));
    INSERT INTO audit.retention_rules (name, event_pattern, keep) VALUES
      ('security', 'security.*', NULL),
      ('failed-login', 'auth.login_failed', NULL),
      ('failed-authentication', 'auth.failed', NULL),
      ('own-records', 'audit.*', NULL),
      ('everything', '*', '7 years');
  END IF;
END
$rules$;
COMMENT ON TABLE audit.retention_rules IS
  'How long events are kept. Every change is told in the tenant _audit as audit.retention_changed';
COMMENT ON COLUMN audit.retention_rules.name IS 'What the rule is called';
COMMENT ON COLUMN audit.retention_rules.event_pattern IS 'An event type, a prefix as in user.*, or * for every event';
COMMENT ON COLUMN audit.retention_rules.tenant_id IS 'Whose events; NULL for every tenant';
COMMENT ON COLUMN audit.retention_rules.keep IS 'How long they are kept, archived or not; NULL: permanently';
COMMENT ON COLUMN audit.retention_rules.hot IS 'Until that age they are in daily use';
COMMENT ON COLUMN audit.retention_rules.warm IS 'Until that age they stay in the database; then they are due for an archive';
COMMENT ON CONSTRAINT retention_rules_pkey ON audit.retention_rules IS 'A name occurs once';
COMMENT ON CONSTRAINT retention_rule_name ON audit.retention_rules IS 'Lower-case letters, digits, - and _';
COMMENT ON CONSTRAINT retention_pattern ON audit.retention_rules IS 'A star stands alone or behind the last point';
COMMENT ON CONSTRAINT retention_keep ON audit.retention_rules IS 'A period, or NULL for ever';
COMMENT ON CONSTRAINT retention_order ON audit.retention_rules IS 'Hot, then warm, then kept: each at least as long';
COMMENT ON INDEX audit.retention_rules_pkey IS 'A name occurs once';
COMMENT ON INDEX audit.retention_rules_scope_idx IS 'Two rules of one pattern and tenant would contradict each other';

-- By a trigger, so that a change by hand is told as well. Its owner's rights write this one event type only.
CREATE OR REPLACE FUNCTION audit.tell_retention_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET intervalstyle = 'postgres' AS $$
DECLARE
  before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  after  jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
BEGIN
  INSERT INTO audit.logs (event_id, event_type, tenant_id, actor_type, actor_id, actor_ip_address,
                          resource_type, resource_id, metadata)
  VALUES ('evt_' || replace(gen_random_uuid()::text, '-', ''), 'audit.retention_changed', '_audit', 'database_login',
          left(session_user, 50), inet_client_addr(), 'audit_retention',
          left(coalesce(after ->> 'name', before ->> 'name'), 50),
          jsonb_build_object('rule', coalesce(after ->> 'name', before ->> 'name'), 'before', before, 'after', after));
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION audit.tell_retention_change() IS 'Trigger: tells every change of a retention rule in the tenant _audit';
CREATE OR REPLACE TRIGGER retention_rules_told AFTER INSERT OR UPDATE OR DELETE ON audit.retention_rules
  FOR EACH ROW EXECUTE FUNCTION audit.tell_retention_change();
COMMENT ON TRIGGER retention_rules_told ON audit.retention_rules IS 'Every change is an event in the tenant _audit';

CREATE OR REPLACE FUNCTION audit.retention_problem(
  p_name text, p_event_pattern text, p_keep interval, p_tenant_id text, p_hot interval, p_warm interval)
RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE
    WHEN p_name IS NULL OR p_name !~ '^[a-z][a-z0-9_-]{0,62}$'
      THEN 'a rule is named by up to 63 lower-case letters, digits, - and _'
    WHEN p_event_pattern IS NULL OR length(p_event_pattern) > 100
      OR NOT (p_event_pattern = '*' OR p_event_pattern ~ '^[^*]+([.][*])?$')
      THEN 'a pattern is an event type, a prefix as in user.*, or *'
    WHEN p_keep <= '0' THEN 'the period must be longer than nothing; NULL keeps for ever'
    WHEN p_hot IS NULL OR p_warm IS NULL OR p_hot <= '0' OR p_hot > p_warm OR p_warm > p_keep
      THEN 'hot, warm and keep must follow each other, each at least as long as the one before'
    WHEN p_tenant_id IS NOT NULL AND NOT EXISTS (SELECT FROM audit.logs l WHERE l.tenant_id = p_tenant_id)
      THEN 'there are no events of that tenant'
    ELSE (SELECT format('the rule %s is about the same events, and neither is more specific', r.name)
          FROM audit.retention_rules r
          WHERE r.name <> p_name AND r.event_pattern = p_event_pattern AND r.tenant_id IS NOT DISTINCT FROM p_tenant_id)
    END
$$;
COMMENT ON FUNCTION audit.retention_problem(text, text, interval, text, interval, interval) IS
  'What stands in the way of a retention rule, as a sentence; NULL when nothing does';

CREATE OR REPLACE FUNCTION audit.set_retention_rule(
  p_name text, p_event_pattern text, p_keep interval, p_tenant_id text DEFAULT NULL, p_hot interval DEFAULT NULL,
  p_warm interval DEFAULT NULL)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  -- Short-lived events are not warm for longer than they are kept.
  the_warm interval := coalesce(p_warm, least('3 years', p_keep));
  the_hot  interval := coalesce(p_hot, least('1 year', the_warm));
  problem  text := audit.retention_problem(p_name, p_event_pattern, p_keep, p_tenant_id, the_hot, the_warm);
BEGIN
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION 'cannot set the rule: %', problem USING ERRCODE = 'invalid_parameter_value';
  END IF;
  INSERT INTO audit.retention_rules AS r (name, event_pattern, tenant_id, keep, hot, warm)
    VALUES (p_name, p_event_pattern, p_tenant_id, p_keep, the_hot, the_warm)
    ON CONFLICT ON CONSTRAINT retention_rules_pkey DO UPDATE
      SET event_pattern = EXCLUDED.event_pattern, tenant_id = EXCLUDED.tenant_id, keep = EXCLUDED.keep,
          hot = EXCLUDED.hot, warm = EXCLUDED.warm
      WHERE (r.event_pattern, r.tenant_id, r.keep, r.hot, r.warm)
        IS DISTINCT FROM (EXCLUDED.event_pattern, EXCLUDED.tenant_id, EXCLUDED.keep, EXCLUDED.hot, EXCLUDED.warm);
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION audit.set_retention_rule(text, text, interval, text, interval, interval) IS
  'Makes or changes a retention rule (keep NULL: permanent); false where it was so already. Refuses one that is about '
  'the same events as another, with nothing to say which counts';

CREATE OR REPLACE FUNCTION audit.remove_retention_rule(p_name text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM audit.retention_rules r WHERE r.name = p_name;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no retention rule of that name' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'SELECT name FROM audit.retention_rules';
  END IF;
END
$$;
COMMENT ON FUNCTION audit.remove_retention_rule(text) IS 'Removes a retention rule; what it was is told in the chain';
