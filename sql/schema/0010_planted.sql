-- What an install writes makes code run: triggers, rules, policies, defaults, checks and expressions of indexes, as the
-- owner and, beneath that, as whoever installs (it can become that again). So only our own may stand there, whose functions
-- are made anew before anything is written; those of superusers and of whoever installs may stand beside them. This runs
-- three times: at first, and when the tables are locked and the functions made, before they are called and before events
-- are written.

DO $planted$
DECLARE
  home constant oid := to_regnamespace('audit');
  planted record;
  odd text;
BEGIN
  WITH RECURSIVE tables (oid, as_part_of) AS (
    SELECT c.oid, CASE WHEN c.relname LIKE 'logs\_%' THEN 'logs' ELSE c.relname END FROM pg_class c
      WHERE c.relnamespace = home AND c.relkind IN ('r', 'p')
    UNION SELECT i.inhrelid, t.as_part_of FROM pg_inherits i JOIN tables t ON t.oid = i.inhparent)
  SELECT quote_ident(t.tgname) AS name, t.tgrelid::regclass AS at, p.oid::regprocedure AS calls,
         p.proowner::regrole AS whose INTO planted
    FROM tables
    JOIN pg_trigger t ON t.tgrelid = tables.oid
    JOIN pg_proc p ON p.oid = t.tgfoid
    JOIN pg_roles r ON r.oid = p.proowner
    WHERE NOT r.rolsuper AND r.rolname <> current_user
      AND NOT (p.pronamespace = home AND t.tgqual IS NULL
               AND format('%s.%s.%s', tables.as_part_of, t.tgname, p.proname)
                   = ANY (string_to_array(current_setting('audit_install.triggers'), ' ')))
      -- The guide's own are gone before an adoption writes its first event.
      AND NOT (current_setting('audit_install.adopt') = 'on' AND p.pronamespace = home
               AND p.proname IN ('calculate_event_hash', 'prevent_update', 'prevent_delete'))
    ORDER BY 2, 1 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the trigger % on % calls %, a function of %: its code would run with your rights',
      planted.name, planted.at, planted.calls, planted.whose USING ERRCODE = '55000',
      HINT = format('DROP TRIGGER %s ON %s, or read that function and give it to a superuser if it is meant to be there',
                    planted.name, planted.at);
  END IF;

  SELECT quote_ident(w.rulename) AS name, c.oid::regclass AS at INTO planted
    FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class
    WHERE c.relnamespace = home AND c.relkind IN ('r', 'p') AND current_setting('audit_install.adopt') <> 'on'
    ORDER BY 2, 1 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the rule % on % changes what statements do: what it says would run with your rights', planted.name, planted.at
      USING ERRCODE = '55000', HINT = format('DROP RULE %s ON %s', planted.name, planted.at);
  END IF;

  SELECT c.oid::regclass AS at INTO planted FROM pg_class c
    WHERE c.relnamespace = home AND c.relkind IN ('r', 'p') AND c.relforcerowsecurity
      AND EXISTS (SELECT FROM pg_policy y WHERE y.polrelid = c.oid) AND current_setting('audit_install.adopt') <> 'on'
    ORDER BY 1 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the policies of % are forced on its owner: what they say would run with your rights', planted.at
      USING ERRCODE = '55000', HINT = format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', planted.at);
  END IF;

  WITH RECURSIVE tables (oid) AS (
    SELECT c.oid FROM pg_class c WHERE c.relnamespace = home AND c.relkind IN ('r', 'p')
    UNION SELECT i.inhrelid FROM pg_inherits i JOIN tables t ON t.oid = i.inhparent),
  used (classid, objid) AS (
    SELECT 'pg_constraint'::regclass::oid, k.oid FROM pg_constraint k JOIN tables t ON k.conrelid = t.oid
    UNION SELECT 'pg_attrdef'::regclass::oid, f.oid FROM pg_attrdef f JOIN tables t ON f.adrelid = t.oid
    UNION SELECT 'pg_class'::regclass::oid, i.indexrelid FROM pg_index i JOIN tables t ON i.indrelid = t.oid
    UNION SELECT 'pg_class'::regclass::oid, t.oid FROM tables t -- the key of its partitions
    UNION SELECT 'pg_type'::regclass::oid, a.atttypid FROM pg_attribute a JOIN tables t ON a.attrelid = t.oid
    UNION SELECT more.classid, more.objid FROM used CROSS JOIN LATERAL (
      SELECT d.refclassid, d.refobjid FROM pg_depend d
        WHERE d.classid = used.classid AND d.objid = used.objid
          AND d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_type'::regclass,
                               'pg_opclass'::regclass, 'pg_opfamily'::regclass)
      UNION ALL
      SELECT 'pg_constraint'::regclass, k.oid FROM pg_constraint k -- of a domain
        WHERE used.classid = 'pg_type'::regclass AND k.contypid = used.objid) AS more (classid, objid))
  SELECT string_agg(format('%s (of %I)', pg_describe_object(u.classid, u.objid, 0), r.rolname), ', ' ORDER BY u.objid) INTO odd
    FROM used u
    JOIN pg_shdepend s ON s.classid = u.classid AND s.objid = u.objid AND s.deptype = 'o'
      AND s.dbid = (SELECT b.oid FROM pg_database b WHERE b.datname = current_database())
    JOIN pg_roles r ON r.oid = s.refobjid
    WHERE NOT r.rolsuper AND r.rolname <> current_user AND u.classid <> 'pg_class'::regclass;
  IF odd IS NOT NULL THEN
    RAISE EXCEPTION 'checks, defaults or indexes of the audit schema use what others wrote, and it would run with your rights: %', odd
      USING ERRCODE = '55000', HINT = 'read it; then give it to a superuser (ALTER ... OWNER TO), or drop what uses it';
  END IF;

  -- A second function of a name of ours may fit a call of ours better.
  SELECT string_agg(p.oid::regprocedure::text, ', ' ORDER BY p.oid::regprocedure::text) INTO odd FROM pg_proc p
    WHERE p.pronamespace = home AND pg_get_userbyid(p.proowner) = 'audit_owner' AND EXISTS (
      SELECT FROM pg_proc o WHERE o.pronamespace = home AND o.proname = p.proname AND o.oid <> p.oid);
  IF odd IS NOT NULL AND current_setting('audit_install.adopt') <> 'on' THEN
    RAISE EXCEPTION 'functions of the audit schema share a name, and the wrong one would run with your rights: %', odd
      USING ERRCODE = '55000', HINT = 'DROP FUNCTION the one that no installation made: audit-tui doctor names it';
  END IF;
END
$planted$;
