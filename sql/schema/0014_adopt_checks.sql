-- Adopting a log that was built from the guide: what must be so, before anything is touched. Each refusal is
-- SQLSTATE 55000, one line and the way to mend it. Nothing happens here unless the log is adopted by this install.
--
-- audit_install.adopting    on: this very install adopts (a later one finds the log adopted, and repairs it)
-- audit_install.adopt_names our own functions and relations, so that no stranger stands in their way

DO $adopting$
BEGIN
  PERFORM set_config('audit_install.adopting', CASE
    WHEN current_setting('audit_install.layout') = 'adopted' AND current_setting('audit_install.installed') = '0'
    THEN 'on' ELSE 'off' END, true);
END
$adopting$;

-- The table itself.
DO $table$
DECLARE
  logs pg_class;
  odd text;
BEGIN
  IF current_setting('audit_install.adopting') = 'off' THEN
    RETURN;
  END IF;
  SELECT c.* INTO logs FROM pg_class c WHERE c.relnamespace = to_regnamespace('audit') AND c.relname = 'logs';
  IF logs.relkind <> 'r' THEN
    RAISE EXCEPTION 'audit.logs is %, not a plain table: it cannot be adopted', CASE logs.relkind
        WHEN 'p' THEN 'partitioned' WHEN 'v' THEN 'a view' WHEN 'm' THEN 'a materialised view'
        WHEN 'f' THEN 'a foreign table' ELSE 'something else' END
      USING ERRCODE = '55000', HINT = 'it can be read and verified as it stands; new events go into a log in another database';
  ELSIF logs.relispartition OR EXISTS (
      SELECT FROM pg_inherits i WHERE logs.oid IN (i.inhrelid, i.inhparent)) THEN
    RAISE EXCEPTION 'audit.logs inherits, or something inherits from it: it cannot be adopted'
      USING ERRCODE = '55000', HINT = 'ALTER TABLE ... NO INHERIT ..., after looking at what stands in the children';
  ELSIF logs.relpersistence <> 'p' OR logs.reloftype <> 0 THEN
    RAISE EXCEPTION 'audit.logs is unlogged or a typed table: it cannot be adopted'
      USING ERRCODE = '55000', HINT = 'ALTER TABLE audit.logs SET LOGGED (rewrites the table), or NOT OF';
  ELSIF logs.relrowsecurity OR logs.relforcerowsecurity THEN
    RAISE EXCEPTION 'row-level security is on for audit.logs: it cannot be adopted so'
      USING ERRCODE = '55000', HINT = 'ALTER TABLE audit.logs DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;'
        ' after adopting, --tenant-isolation lets readers see their tenants only';
  END IF;
  SELECT string_agg(quote_ident(r.rulename), ', ' ORDER BY r.rulename) INTO odd
    FROM pg_rewrite r WHERE r.ev_class = logs.oid;
  IF odd IS NOT NULL THEN
    RAISE EXCEPTION 'audit.logs has rules that change what statements do: %', odd
      USING ERRCODE = '55000', HINT = 'DROP RULE ... ON audit.logs: the triggers of this tool refuse what such rules swallow';
  END IF;
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'adopting has to see what others have just committed: it needs READ COMMITTED'
      USING ERRCODE = '55000', HINT = 'SET default_transaction_isolation = ''read committed''';
  END IF;
END
$table$;

-- Its columns: the guide's, with their types. Others may stand beside them, as long as an event can go without.
DO $columns$
DECLARE
  home oid := to_regnamespace('audit');
  logs oid := (SELECT c.oid FROM pg_class c WHERE c.relnamespace = home AND c.relname = 'logs');
  odd text;
BEGIN
  IF current_setting('audit_install.adopting') = 'off' THEN
    RETURN;
  END IF;
  SELECT string_agg(CASE
      WHEN a.attname IS NULL THEN format('%s is missing', g.name)
      WHEN format_type(a.atttypid, a.atttypmod) <> g.type THEN
        format('%s is %s, not %s', g.name, format_type(a.atttypid, a.atttypmod), g.type)
      WHEN a.attgenerated <> '' THEN format('%s is generated', g.name)
      ELSE format('%s may be NULL', g.name) END, '; ' ORDER BY g.place)
    INTO odd
    FROM (VALUES
      (1, 'id', 'bigint', true), (2, 'event_id', 'character varying(50)', true), (3, 'sequence_number', 'bigint', true),
      (4, 'timestamp', 'timestamp with time zone', true), (5, 'event_type', 'character varying(100)', true),
      (6, 'tenant_id', 'character varying(50)', true), (7, 'actor_type', 'character varying(50)', true),
      (8, 'actor_id', 'character varying(50)', true), (9, 'actor_email', 'character varying(255)', false),
      (10, 'actor_ip_address', 'inet', false), (11, 'resource_type', 'character varying(100)', true),
      (12, 'resource_id', 'character varying(50)', true), (13, 'endpoint', 'character varying(500)', false),
      (14, 'http_method', 'character varying(10)', false), (15, 'changes', 'jsonb', false),
      (16, 'resource_before', 'jsonb', false), (17, 'resource_after', 'jsonb', false),
      (18, 'previous_hash', 'character varying(64)', false), (19, 'event_hash', 'character varying(64)', true),
      (20, 'request_id', 'character varying(50)', false), (21, 'session_id', 'character varying(50)', false),
      (22, 'user_agent', 'text', false), (23, 'metadata', 'jsonb', false)) AS g (place, name, type, required)
    LEFT JOIN pg_attribute a ON a.attrelid = logs AND a.attname = g.name AND NOT a.attisdropped
    WHERE a.attname IS NULL OR format_type(a.atttypid, a.atttypmod) <> g.type OR a.attgenerated <> ''
       OR g.required AND NOT a.attnotnull;
  IF odd IS NOT NULL THEN
    RAISE EXCEPTION 'audit.logs is not as the guide makes it: %', odd USING ERRCODE = '55000',
      HINT = 'ALTER TABLE audit.logs ALTER COLUMN ..., so that it is; what was sealed must not change by it';
  END IF;
  SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO odd
    FROM pg_attribute a WHERE a.attrelid = logs AND a.attnum > 0 AND NOT a.attisdropped
     AND a.attname IN ('hash_version', 'part_salts', 'erased_parts');
  IF odd IS NOT NULL THEN
    RAISE EXCEPTION 'audit.logs has columns of the names that this tool adds: %', odd USING ERRCODE = '55000',
      HINT = 'rename them first: ALTER TABLE audit.logs RENAME COLUMN ... TO ...';
  END IF;
  SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO odd
    FROM pg_attribute a WHERE a.attrelid = logs AND a.attnum > 23 AND NOT a.attisdropped
     AND a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND a.attname <> ALL (ARRAY[
      'id', 'event_id', 'sequence_number', 'timestamp', 'event_type', 'tenant_id', 'actor_type', 'actor_id',
      'actor_email', 'actor_ip_address', 'resource_type', 'resource_id', 'endpoint', 'http_method', 'changes',
      'resource_before', 'resource_after', 'previous_hash', 'event_hash', 'request_id', 'session_id',
      'user_agent', 'metadata']);
  IF odd IS NOT NULL THEN
    RAISE EXCEPTION 'every event would have to bring columns that audit.log_event does not know: %', odd
      USING ERRCODE = '55000', HINT = 'ALTER TABLE audit.logs ALTER COLUMN ... SET DEFAULT ..., or DROP NOT NULL';
  END IF;
END
$columns$;

-- Keys and indexes: the chain in order must be unique, and what the layout needs was built beforehand, without
-- stopping anyone (sql/adopt).
DO $keys$
DECLARE
  home oid := to_regnamespace('audit');
  logs oid := (SELECT c.oid FROM pg_class c WHERE c.relnamespace = home AND c.relname = 'logs');
  odd text;
BEGIN
  IF current_setting('audit_install.adopting') = 'off' THEN
    RETURN;
  END IF;
  SELECT string_agg(quote_ident(k.conname), ', ' ORDER BY k.conname) INTO odd
    FROM pg_constraint k
    WHERE k.conrelid = logs AND (
      k.conname IN ('timestamp_range', 'logs_tenant_id_event_id_key')
      OR k.conname = 'event_id_format' AND pg_get_constraintdef(k.oid)
           NOT LIKE 'CHECK (((event_id)::text ~ ''^evt_[a-zA-Z0-9]+$''::text))%');
  IF odd IS NOT NULL THEN
    RAISE EXCEPTION 'audit.logs has constraints of the names that this tool needs: %', odd USING ERRCODE = '55000',
      HINT = 'ALTER TABLE audit.logs RENAME CONSTRAINT ... TO ...';
  END IF;
  IF current_setting('audit_install.adopt_preview', true) = 'on' THEN
    RETURN; -- the indexes are built only after the chains have been verified
  END IF;
  SELECT string_agg(n.name, ', ') INTO odd
    FROM (VALUES
      ('logs_tenant_id_event_id_key', '(tenant_id, event_id)'),
      ('logs_tenant_time_idx', '(tenant_id, "timestamp", sequence_number)'),
      ('logs_tenant_actor_idx', '(tenant_id, actor_id, sequence_number)'),
      ('logs_tenant_resource_idx', '(tenant_id, resource_type, resource_id, sequence_number)'),
      ('logs_tenant_type_idx', '(tenant_id, event_type, sequence_number)')) AS n (name, columns)
    WHERE NOT EXISTS (
      SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE i.indrelid = logs AND c.relname = n.name AND i.indisvalid AND i.indisready
        AND pg_get_indexdef(c.oid) LIKE '%USING btree ' || n.columns
        AND i.indisunique = (n.name = 'logs_tenant_id_event_id_key'));
  IF odd IS NOT NULL THEN
    RAISE EXCEPTION 'indexes that an adopted log needs are not there, or of another form: %', odd USING ERRCODE = '55000',
      HINT = 'adopt again: they are built first, one by one, while applications go on logging';
  END IF;
  IF NOT EXISTS (
      SELECT FROM pg_index i
      WHERE i.indrelid = logs AND i.indisunique AND i.indisvalid AND i.indimmediate
        AND pg_get_indexdef(i.indexrelid) LIKE '%USING btree (tenant_id, sequence_number)') THEN
    RAISE EXCEPTION 'nothing keeps a sequence from occurring twice in a tenant' USING ERRCODE = '55000',
      HINT = 'CREATE UNIQUE INDEX CONCURRENTLY idx_audit_logs_tenant_sequence ON audit.logs (tenant_id, sequence_number)';
  END IF;
END
$keys$;
