-- Adopting, what must be so of the objects around the table: triggers, functions, names, and who is asking.

DO $triggers$
DECLARE
  odd text;
BEGIN
  IF current_setting('audit_install.adopting') = 'off' THEN
    RETURN;
  END IF;
  -- tgtype: 1 row, 2 before, 4 insert. What runs behind the sealing trigger changes what was sealed.
  SELECT string_agg(quote_ident(t.tgname), ', ' ORDER BY t.tgname) INTO odd
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = to_regnamespace('audit') AND c.relname = 'logs' AND NOT t.tgisinternal
      AND t.tgname NOT IN ('trigger_calculate_event_hash', 'trigger_prevent_update', 'trigger_prevent_delete')
      AND t.tgfoid <> ALL (ARRAY(SELECT p.oid FROM pg_proc p WHERE p.pronamespace = to_regnamespace('audit')
                                 AND p.proname IN ('calculate_event_hash', 'prevent_update', 'prevent_delete')))
      AND t.tgtype & 7 = 7 AND t.tgname COLLATE "C" >= 'logs_10_guard_insert';
  IF odd IS NOT NULL THEN
    RAISE EXCEPTION 'triggers would change events after they are sealed: %', odd USING ERRCODE = '55000',
      HINT = 'ALTER TRIGGER ... ON audit.logs RENAME TO logs_05_...: triggers run in the order of their names';
  END IF;
  SELECT string_agg(quote_ident(t.tgname), ', ' ORDER BY t.tgname) INTO odd
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = to_regnamespace('audit') AND c.relname = 'logs' AND NOT t.tgisinternal
      AND t.tgname ~ '^logs_(10_guard_insert|90_|91_|refuse_)';
  IF odd IS NOT NULL THEN
    RAISE EXCEPTION 'triggers bear names that this tool needs: %', odd USING ERRCODE = '55000',
      HINT = 'ALTER TRIGGER ... ON audit.logs RENAME TO ...';
  END IF;
END
$triggers$;

-- Applications call audit.log_event as the guide declares it; a second one of that name would make calls ambiguous.
DO $functions$
DECLARE
  home oid := to_regnamespace('audit');
  declared constant text := 'p_event_type character varying, p_tenant_id character varying, '
    'p_actor_type character varying, p_actor_id character varying, p_actor_email character varying, '
    'p_actor_ip_address inet, p_resource_type character varying, p_resource_id character varying, '
    'p_endpoint character varying, p_http_method character varying, p_changes jsonb DEFAULT NULL::jsonb, '
    'p_resource_before jsonb DEFAULT NULL::jsonb, p_resource_after jsonb DEFAULT NULL::jsonb, '
    'p_request_id character varying DEFAULT NULL::character varying, '
    'p_session_id character varying DEFAULT NULL::character varying, p_user_agent text DEFAULT NULL::text, '
    'p_metadata jsonb DEFAULT NULL::jsonb';
  replaced constant text[] := ARRAY['log_event', 'verify_chain', 'check_and_alert'];
  odd text;
BEGIN
  IF current_setting('audit_install.adopting') = 'off' THEN
    RETURN;
  END IF;
  SELECT string_agg(p.oid::regprocedure::text, ', ' ORDER BY p.oid::regprocedure::text) INTO odd FROM pg_proc p
    WHERE p.pronamespace = home AND CASE p.proname
      WHEN 'log_event' THEN (pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), p.prokind)
                            IS DISTINCT FROM (declared, 'character varying', 'f'::"char")
      WHEN 'verify_chain' THEN (pg_get_function_arguments(p.oid), p.prokind)
                               IS DISTINCT FROM ('p_tenant_id character varying', 'f'::"char")
      WHEN 'check_and_alert' THEN (p.pronargs, p.prokind) IS DISTINCT FROM (0::int2, 'f'::"char")
      ELSE p.proname = ANY (string_to_array(current_setting('audit_install.adopt_names', true), ' ')) END;
  IF odd IS NOT NULL THEN
    RAISE EXCEPTION 'functions of the schema bear names that this tool needs, and are not the guide''s: %', odd
      USING ERRCODE = '55000', HINT = 'rename them, or move them with ALTER FUNCTION ... SET SCHEMA, and their callers';
  END IF;
  SELECT string_agg(quote_ident(c.relname), ', ' ORDER BY c.relname) INTO odd FROM pg_class c
    WHERE c.relnamespace = home AND c.relname <> 'logs'
      AND c.relname = ANY (string_to_array(current_setting('audit_install.adopt_names', true), ' '));
  IF odd IS NOT NULL THEN
    RAISE EXCEPTION 'the schema holds relations of names that this tool needs: %', odd
      USING ERRCODE = '55000', HINT = 'rename them';
  END IF;
  -- Their result types change, so they are dropped and made anew; log_event is replaced where it stands.
  SELECT string_agg(DISTINCT format('%s needs %s', pg_describe_object(d.classid, d.objid, d.objsubid), p.oid::regprocedure), '; ')
    INTO odd
    FROM pg_proc p JOIN pg_depend d ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid AND d.deptype IN ('n', 'a')
    WHERE p.pronamespace = home AND p.proname = ANY (replaced) AND p.proname <> 'log_event';
  IF odd IS NOT NULL THEN
    RAISE EXCEPTION 'something depends on a function whose result changes: %', odd
      USING ERRCODE = '55000', HINT = 'drop it, adopt, and make it again: audit.verify_chain returns more columns then';
  END IF;
END
$functions$;

DO $rights$
DECLARE
  odd text;
BEGIN
  IF current_setting('audit_install.adopting') = 'off' THEN
    RETURN;
  END IF;
  SELECT string_agg(format('%s belongs to %I', o.what, pg_get_userbyid(o.owner)), '; ' ORDER BY o.place) INTO odd
    FROM (
      SELECT 1 AS place, 'the schema audit' AS what, n.nspowner AS owner FROM pg_namespace n WHERE n.nspname = 'audit'
      UNION ALL
      SELECT 2, 'audit.logs', c.relowner FROM pg_class c
        WHERE c.relnamespace = to_regnamespace('audit') AND c.relname = 'logs'
      UNION ALL
      SELECT 3, p.oid::regprocedure::text, p.proowner FROM pg_proc p
        WHERE p.pronamespace = to_regnamespace('audit')
          AND p.proname IN ('log_event', 'verify_chain', 'check_and_alert', 'calculate_event_hash', 'prevent_update',
                            'prevent_delete')) AS o
    WHERE NOT pg_has_role(current_user, o.owner, 'USAGE');
  IF odd IS NOT NULL THEN
    RAISE EXCEPTION 'no right to hand the log over to audit_owner: %', odd USING ERRCODE = 'insufficient_privilege',
      HINT = 'adopt as that role, or as a superuser';
  END IF;
END
$rights$;
