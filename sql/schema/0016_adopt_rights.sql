-- Adopting: who may log, read and verify now. Whoever could goes on doing so; what is wider ends, and is said.
-- The answers are kept in settings of this transaction, because the rights end with the ownership (0018) and are
-- given again once everything else is in place (0091):
--   audit_install.adopt_rights  {"log": [roles], "read": [...], "verify": [...], "sequence": [...], "use": [...],
--                                "columns": [{"role", "right", "column"}]}
--   audit_install.adopt_report  [[what, sentence], ...] for the one who adopts

DO $rights$
DECLARE
  home oid := to_regnamespace('audit');
  logs pg_class;
  -- The roles of the matrix get what the matrix says, and nobody else's right is theirs to lose.
  matrix constant text[] := ARRAY['audit_owner', 'audit_reader', 'audit_writer', 'audit_admin', 'audit_eraser',
                                  'audit_archivist'];
  log_event pg_proc;
  verify_chain pg_proc;
  sequence pg_class;
  named name[]; -- every role that some right within the schema names, owners included
  loggers name[];
  readers name[];
  verifiers name[];
  open_to_all boolean;
BEGIN
  IF current_setting('audit_install.adopting') = 'off' THEN
    RETURN;
  END IF;
  SELECT c.* INTO logs FROM pg_class c WHERE c.relnamespace = home AND c.relname = 'logs';
  SELECT p.* INTO log_event FROM pg_proc p WHERE p.pronamespace = home AND p.proname = 'log_event';
  SELECT p.* INTO verify_chain FROM pg_proc p WHERE p.pronamespace = home AND p.proname = 'verify_chain';
  SELECT c.* INTO sequence FROM pg_class c JOIN pg_depend d ON d.objid = c.oid AND d.classid = 'pg_class'::regclass
    JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid AND a.attname = 'id'
    WHERE c.relkind = 'S' AND d.refclassid = 'pg_class'::regclass AND d.refobjid = logs.oid AND d.deptype IN ('a', 'i');

  SELECT coalesce(array_agg(r.rolname ORDER BY r.rolname), '{}') INTO named
    FROM pg_roles r
    WHERE r.rolname <> ALL (matrix) AND NOT r.rolsuper AND r.rolname !~ '^pg_' AND r.oid IN (
      SELECT x.grantee FROM pg_namespace n, aclexplode(n.nspacl) x WHERE n.oid = home
      UNION SELECT n.nspowner FROM pg_namespace n WHERE n.oid = home
      UNION SELECT x.grantee FROM pg_class c, aclexplode(c.relacl) x WHERE c.relnamespace = home
      UNION SELECT c.relowner FROM pg_class c WHERE c.relnamespace = home
      UNION SELECT x.grantee FROM pg_attribute a, aclexplode(a.attacl) x WHERE a.attrelid = logs.oid
      UNION SELECT x.grantee FROM pg_proc p, aclexplode(p.proacl) x WHERE p.pronamespace = home
      UNION SELECT p.proowner FROM pg_proc p WHERE p.pronamespace = home);

  -- Logging: INSERT on the table, or a log_event that lends its owner's rights. Where that is open to PUBLIC, the
  -- logins that exist now are named one by one.
  open_to_all := EXISTS (SELECT FROM aclexplode(logs.relacl) x WHERE x.grantee = 0 AND x.privilege_type = 'INSERT')
    OR coalesce(log_event.prosecdef, false) AND EXISTS (
      SELECT FROM aclexplode(coalesce(log_event.proacl, acldefault('f', log_event.proowner))) x WHERE x.grantee = 0);
  SELECT coalesce(array_agg(r.rolname ORDER BY r.rolname), '{}') INTO loggers FROM pg_roles r
    WHERE r.rolname <> ALL (matrix) AND NOT r.rolsuper AND r.rolname !~ '^pg_'
      AND has_schema_privilege(r.oid, home, 'USAGE')
      AND (r.oid = logs.relowner
           OR EXISTS (SELECT FROM aclexplode(logs.relacl) x WHERE x.grantee = r.oid AND x.privilege_type = 'INSERT')
           OR EXISTS (SELECT FROM aclexplode(log_event.proacl) x WHERE x.grantee = r.oid)
              AND (log_event.prosecdef OR has_any_column_privilege(r.oid, logs.oid, 'INSERT'))
           OR open_to_all AND r.rolcanlogin AND has_database_privilege(r.oid, current_database(), 'CONNECT'));

  open_to_all := EXISTS (SELECT FROM aclexplode(logs.relacl) x WHERE x.grantee = 0 AND x.privilege_type = 'SELECT');
  SELECT coalesce(array_agg(r.rolname ORDER BY r.rolname), '{}') INTO readers FROM pg_roles r
    WHERE r.rolname <> ALL (matrix) AND NOT r.rolsuper AND r.rolname !~ '^pg_'
      AND (r.oid = logs.relowner
           OR EXISTS (SELECT FROM aclexplode(logs.relacl) x WHERE x.grantee = r.oid AND x.privilege_type = 'SELECT')
           OR open_to_all AND r.rolcanlogin AND has_schema_privilege(r.oid, home, 'USAGE')
              AND has_database_privilege(r.oid, current_database(), 'CONNECT'));

  -- Verifying reads as the caller: who may read and may call it.
  SELECT coalesce(array_agg(r.rolname ORDER BY r.rolname), '{}') INTO verifiers FROM pg_roles r
    WHERE verify_chain.oid IS NOT NULL AND has_function_privilege(r.oid, verify_chain.oid, 'EXECUTE')
      AND r.rolname = ANY (readers);

  PERFORM set_config('audit_install.adopt_rights', jsonb_build_object(
    'log', to_jsonb(loggers),
    'read', to_jsonb(readers),
    'verify', to_jsonb(verifiers),
    'sequence', (SELECT coalesce(jsonb_agg(r.rolname ORDER BY r.rolname), '[]') FROM pg_roles r
                 WHERE sequence.oid IS NOT NULL AND r.rolname = ANY (loggers)
                   AND has_sequence_privilege(r.oid, sequence.oid, 'USAGE')),
    'use', (SELECT coalesce(jsonb_agg(r.rolname ORDER BY r.rolname), '[]') FROM pg_roles r
            WHERE r.rolname = ANY (named || loggers || readers) AND has_schema_privilege(r.oid, home, 'USAGE')),
    'columns', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                  'role', r.rolname, 'right', x.privilege_type, 'column', a.attname)
                  ORDER BY r.rolname, x.privilege_type, a.attnum), '[]')
                FROM pg_attribute a CROSS JOIN aclexplode(a.attacl) x JOIN pg_roles r ON r.oid = x.grantee
                WHERE a.attrelid = logs.oid AND NOT a.attisdropped AND x.privilege_type IN ('INSERT', 'SELECT')
                  AND r.rolname <> ALL (matrix)))::text, true);
END
$rights$;

-- Row-level security lets the roles of the matrix through, and nobody by a right of their own.
DO $isolation$
DECLARE
  rights jsonb;
  shut_out text;
BEGIN
  IF current_setting('audit_install.adopting') = 'off' OR current_setting('audit_install.tenant_isolation') = 'off' THEN
    RETURN;
  END IF;
  rights := current_setting('audit_install.adopt_rights');
  SELECT string_agg(DISTINCT quote_ident(role), ', ') INTO shut_out
    FROM jsonb_array_elements_text((rights -> 'log') || (rights -> 'read')) AS role;
  IF shut_out IS NOT NULL THEN
    RAISE EXCEPTION 'with tenant isolation these could log or read no more: %', shut_out USING ERRCODE = '55000',
      HINT = 'adopt without it; then GRANT audit_writer or audit_reader TO them, and install --tenant-isolation';
  END IF;
END
$isolation$;

DO $report$
DECLARE
  home oid := to_regnamespace('audit');
  logs pg_class;
  rights jsonb;
BEGIN
  IF current_setting('audit_install.adopting') = 'off' THEN
    RETURN;
  END IF;
  SELECT c.* INTO logs FROM pg_class c WHERE c.relnamespace = home AND c.relname = 'logs';
  rights := current_setting('audit_install.adopt_rights');
  PERFORM set_config('audit_install.adopt_report', (
    SELECT coalesce(jsonb_agg(jsonb_build_array(l.what, l.sentence) ORDER BY l.place, l.sentence COLLATE "C"), '[]')
    FROM (
      SELECT 10 AS place, 'kept' AS what, format('%I goes on logging', role) AS sentence
        FROM jsonb_array_elements_text(rights -> 'log') AS role
      UNION ALL
      SELECT 11, 'kept', format('%I goes on reading%s', role,
          CASE WHEN rights -> 'verify' ? role THEN ', and may call audit.verify_chain' ELSE '' END)
        FROM jsonb_array_elements_text(rights -> 'read') AS role
      UNION ALL
      SELECT 20, 'taken away', format('%s %s audit.logs: %s',
          CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END,
          CASE WHEN x.grantee = logs.relowner THEN 'owns' ELSE 'on' END,
          string_agg(x.privilege_type, ', ' ORDER BY x.privilege_type))
        FROM aclexplode(coalesce(logs.relacl, acldefault('r', logs.relowner))) AS x
        WHERE (x.privilege_type NOT IN ('INSERT', 'SELECT') OR x.grantee = 0)
          AND NOT (SELECT coalesce(bool_or(r.rolsuper OR r.rolname = 'audit_owner'), false) FROM pg_roles r WHERE r.oid = x.grantee)
        GROUP BY x.grantee
      UNION ALL
      SELECT 21, 'taken away', format('%I may no longer grant rights on audit.logs to others', r.rolname)
        FROM aclexplode(logs.relacl) AS x JOIN pg_roles r ON r.oid = x.grantee
        WHERE x.is_grantable AND x.grantee <> logs.relowner GROUP BY r.rolname
      UNION ALL
      SELECT 22, 'taken away', format('%s: EXECUTE on %s',
          CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END, 'audit.' || p.proname)
        FROM pg_proc p CROSS JOIN aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS x
        WHERE p.pronamespace = home AND p.proname IN ('log_event', 'verify_chain')
          AND (x.grantee = 0
               OR x.grantee <> p.proowner AND pg_get_userbyid(x.grantee) NOT IN ('audit_writer', 'audit_admin', 'audit_owner')
                  AND NOT rights -> CASE p.proname WHEN 'log_event' THEN 'log' ELSE 'verify' END
                          ? pg_get_userbyid(x.grantee)::text)
      UNION ALL
      SELECT 23, 'taken away', format('%s: CREATE in the schema audit',
          CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END)
        FROM pg_namespace n CROSS JOIN aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) AS x
        WHERE n.oid = home AND x.privilege_type = 'CREATE'
          AND NOT (SELECT coalesce(bool_or(r.rolsuper OR r.rolname = 'audit_owner'), false) FROM pg_roles r WHERE r.oid = x.grantee)
      UNION ALL
      SELECT 30, 'replaced', format('trigger %I', t.tgname)
          || CASE t.tgenabled WHEN 'D' THEN ' (it was disabled)' ELSE '' END
        FROM pg_trigger t
        WHERE t.tgrelid = logs.oid AND NOT t.tgisinternal
          AND (t.tgname IN ('trigger_calculate_event_hash', 'trigger_prevent_update', 'trigger_prevent_delete')
               OR t.tgfoid = ANY (ARRAY(SELECT p.oid FROM pg_proc p WHERE p.pronamespace = home
                                        AND p.proname IN ('calculate_event_hash', 'prevent_update', 'prevent_delete'))))
      UNION ALL
      SELECT 31, 'replaced', format('function audit.%s%s', p.proname, CASE
          WHEN md5(btrim(regexp_replace(p.prosrc, '[[:space:]]+', ' ', 'g'))) = g.body AND NOT p.prosecdef THEN ''
          ELSE ': it is no longer the guide''s, and what it did besides ends (save its text first: \sf in psql)' END)
        FROM (VALUES ('log_event', 'd3227f0fedf61b165697e4a11f072ed1'), ('verify_chain', 'b676e8baba28e7a1d2ca7b5f90b1b1b5'),
                     ('check_and_alert', 'da2da7a32102e5463efec5fffd4a4f26'),
                     ('calculate_event_hash', '1e18141a1ab3156bc6268dc64532e1ac'),
                     ('prevent_update', 'cba8be99bef7f50be11c4dbe32fc2d29'),
                     ('prevent_delete', '161b075e94905bea37846d473eba4da2')) AS g (name, body)
        JOIN pg_proc p ON p.pronamespace = home AND p.proname = g.name
      UNION ALL
      SELECT 40, 'kept', format('column %I: no seal covers it', a.attname)
        FROM pg_attribute a WHERE a.attrelid = logs.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> ALL (ARRAY[
          'id', 'event_id', 'sequence_number', 'timestamp', 'event_type', 'tenant_id', 'actor_type', 'actor_id',
          'actor_email', 'actor_ip_address', 'resource_type', 'resource_id', 'endpoint', 'http_method', 'changes',
          'resource_before', 'resource_after', 'previous_hash', 'event_hash', 'request_id', 'session_id',
          'user_agent', 'metadata'])
      UNION ALL
      SELECT 41, 'kept', format('trigger %I, which runs %s', t.tgname, t.tgfoid::regprocedure)
        FROM pg_trigger t
        WHERE t.tgrelid = logs.oid AND NOT t.tgisinternal
          AND t.tgname NOT IN ('trigger_calculate_event_hash', 'trigger_prevent_update', 'trigger_prevent_delete')
          AND t.tgfoid <> ALL (ARRAY(SELECT p.oid FROM pg_proc p WHERE p.pronamespace = home
                                     AND p.proname IN ('calculate_event_hash', 'prevent_update', 'prevent_delete')))
      UNION ALL
      SELECT 42, 'kept', format('constraint %I of %s: %s', k.conname, k.conrelid::regclass, pg_get_constraintdef(k.oid))
        FROM pg_constraint k
        WHERE (k.conrelid = logs.oid OR k.confrelid = logs.oid) AND k.contype <> 'n'
          AND NOT (k.conrelid = logs.oid AND (k.contype IN ('p', 'u') OR k.conname = 'event_id_format'))
      UNION ALL
      SELECT 43, 'kept', format('%s, which belongs to %I', pg_describe_object('pg_class'::regclass, c.oid, 0), pg_get_userbyid(c.relowner))
        FROM pg_class c
        WHERE c.relnamespace = home AND c.oid <> logs.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      UNION ALL
      SELECT 44, 'kept', format('function %s, which belongs to %I', p.oid::regprocedure, pg_get_userbyid(p.proowner))
        FROM pg_proc p
        WHERE p.pronamespace = home AND p.proname NOT IN ('log_event', 'verify_chain', 'check_and_alert',
                                                          'calculate_event_hash', 'prevent_update', 'prevent_delete')
      UNION ALL
      SELECT 50, 'mind', format('the table is in the publication %I: add the columns hash_version, part_salts and '
                                'erased_parts to its subscribers first, or they stop', p.pubname)
        FROM pg_publication p
        WHERE p.puballtables OR EXISTS (SELECT FROM pg_publication_rel x WHERE x.prpubid = p.oid AND x.prrelid = logs.oid)
    ) AS l)::text, true);
END
$report$;
