-- What must be true before anything is made. Each refusal is SQLSTATE 55000 with one line and a hint.
-- All files of this folder run in their order, in ONE transaction that begins with the options as settings
-- (audit-tui install does that; audit-tui install --dry-run prints the whole for psql), so that a refusal
-- leaves nothing behind.

DO $guard$
DECLARE
  the_guides constant text[] := ARRAY[
    'id', 'event_id', 'sequence_number', 'timestamp', 'event_type', 'tenant_id', 'actor_type', 'actor_id',
    'actor_email', 'actor_ip_address', 'resource_type', 'resource_id', 'endpoint', 'http_method', 'changes',
    'resource_before', 'resource_after', 'previous_hash', 'event_hash', 'request_id', 'session_id',
    'user_agent', 'metadata'];
  ours constant text[] := the_guides || ARRAY['hash_version', 'part_salts', 'erased_parts'];
  home oid := to_regnamespace('audit');
  -- Not to_regclass: it wants rights on a schema that belongs to the owner role.
  logs oid := (SELECT c.oid FROM pg_class c WHERE c.relnamespace = home AND c.relname = 'logs');
  info oid := (SELECT c.oid FROM pg_class c WHERE c.relnamespace = home AND c.relname = 'schema_info');
  present text[];
  missing text[];
  kind "char";
  is_ours boolean;
  strangers text;
  landlord text;
BEGIN
  IF getdatabaseencoding() = 'SQL_ASCII' THEN
    RAISE EXCEPTION 'the database %''s encoding is SQL_ASCII: the text that is sealed would have no defined bytes',
      quote_ident(current_database())
      USING ERRCODE = '55000', HINT = 'use a database made with ENCODING ''UTF8''';
  END IF;
  IF home IS NULL THEN
    RETURN;
  END IF;

  -- Under another owner it may be ours, or a trap: then the one who installs has to name that owner.
  SELECT pg_get_userbyid(c.relowner) INTO landlord FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'log_id' AND NOT a.attisdropped
    WHERE c.oid = info AND c.relkind = 'r' AND pg_get_userbyid(c.relowner) <> 'audit_owner';
  IF landlord IS NOT NULL THEN
    RAISE EXCEPTION 'the audit schema here belongs to the role %, not to audit_owner', quote_ident(landlord)
      USING ERRCODE = '55000', HINT = format('--owner %s, where that role is meant to own it', quote_ident(landlord));
  END IF;
  is_ours := info IS NOT NULL AND EXISTS (
    SELECT FROM pg_class c WHERE c.oid = info AND c.relkind = 'r' AND pg_get_userbyid(c.relowner) = 'audit_owner');
  IF logs IS NOT NULL THEN
    IF NOT is_ours AND coalesce(current_setting('audit_install.adopt', true), 'off') = 'on' THEN
      RETURN; -- 0014_adopt_checks.sql looks at all of it
    END IF;
    SELECT c.relkind INTO kind FROM pg_class c WHERE c.oid = logs;
    SELECT array_agg(a.attname::text ORDER BY a.attnum) INTO present
      FROM pg_attribute a WHERE a.attrelid = logs AND a.attnum > 0 AND NOT a.attisdropped;
    IF kind NOT IN ('r', 'p') THEN
      RAISE EXCEPTION 'audit.logs is not a table' USING ERRCODE = '55000',
        HINT = 'find out who put it there; install refuses to touch it';
    END IF;
    IF NOT is_ours AND present @> the_guides AND present <@ the_guides THEN
      RAISE EXCEPTION 'audit.logs was built from the guide: install leaves it as it is' USING ERRCODE = '55000',
        HINT = 'it can be read and verified as it stands; "audit-tui install --adopt" makes it a log of audit-tui';
    END IF;
    SELECT array_agg(c) INTO missing FROM unnest(ours) c WHERE c <> ALL (present);
    IF NOT is_ours OR missing IS NOT NULL THEN
      RAISE EXCEPTION 'there is an audit.logs that this tool does not know (missing columns: %)',
        coalesce(array_to_string(missing, ', '), 'none') USING ERRCODE = '55000',
        HINT = 'install into another database, or rename that schema';
    END IF;
  END IF;

  IF NOT is_ours THEN
    SELECT string_agg(name, ', ' ORDER BY name) INTO strangers FROM (
      SELECT quote_ident(c.relname) AS name FROM pg_class c WHERE c.relnamespace = home
      UNION SELECT quote_ident(p.proname) || '()' FROM pg_proc p WHERE p.pronamespace = home
      UNION SELECT quote_ident(t.typname) FROM pg_type t WHERE t.typnamespace = home AND t.typrelid = 0 AND t.typelem = 0
      ORDER BY 1 LIMIT 5) s;
    IF strangers IS NOT NULL THEN
      RAISE EXCEPTION 'the schema "audit" holds objects that this tool did not make: %', strangers
        USING ERRCODE = '55000', HINT = 'install into another database, or rename that schema';
    END IF;
  END IF;
END
$guard$;
