-- file: 0010_guard.sql
-- What must be true before anything is made. Each refusal is SQLSTATE 55000 with one line and a hint.
-- All files of this folder run in their order, in ONE transaction (audit-tui install does that; by hand:
-- psql -1 -v ON_ERROR_STOP=1 with one -f per file), so that a refusal leaves nothing behind.

-- Session settings that would change how the text below is read.
SET LOCAL standard_conforming_strings = on;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL client_min_messages = warning;
SET LOCAL check_function_bodies = off; -- a function may call one that a later file makes
SET LOCAL "TimeZone" = 'UTC';
SET LOCAL "DateStyle" = 'ISO, YMD';

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
BEGIN
  IF current_setting('server_version_num')::int < 140000 THEN
    RAISE EXCEPTION 'PostgreSQL % is too old: the audit schema needs 14 or newer',
      current_setting('server_version') USING ERRCODE = '55000';
  END IF;
  IF getdatabaseencoding() = 'SQL_ASCII' THEN
    RAISE EXCEPTION 'the database %''s encoding is SQL_ASCII: the text that is sealed would have no defined bytes',
      quote_ident(current_database())
      USING ERRCODE = '55000', HINT = 'use a database made with ENCODING ''UTF8''';
  END IF;
  IF home IS NULL THEN
    RETURN;
  END IF;

  is_ours := info IS NOT NULL AND EXISTS (
    SELECT FROM pg_class c WHERE c.oid = info AND c.relkind = 'r' AND pg_get_userbyid(c.relowner) = 'audit_owner');
  IF logs IS NOT NULL THEN
    SELECT c.relkind INTO kind FROM pg_class c WHERE c.oid = logs;
    SELECT array_agg(a.attname::text ORDER BY a.attnum) INTO present
      FROM pg_attribute a WHERE a.attrelid = logs AND a.attnum > 0 AND NOT a.attisdropped;
    IF kind NOT IN ('r', 'p') THEN
      RAISE EXCEPTION 'audit.logs is not a table' USING ERRCODE = '55000',
        HINT = 'find out who put it there; install refuses to touch it';
    END IF;
    IF NOT is_ours AND present @> the_guides AND present <@ the_guides THEN
      RAISE EXCEPTION 'audit.logs was built from the guide: install leaves it as it is' USING ERRCODE = '55000',
        HINT = 'it can be read and verified as it stands; "audit-tui upgrade" will adopt it';
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
-- file: 0020_roles.sql
-- Roles, and the schema they share. Roles belong to the whole cluster: existing ones are used as they are.
--   audit_owner      owns every object; nobody logs in as it
--   audit_writer     applications: log, and nothing else
--   audit_reader     analysts: read
--   audit_admin      read and verify
--   audit_eraser     approves and applies erasures; granted to people one by one
--   audit_archivist  archives; granted to people one by one

DO $roles$
DECLARE
  the_role text;
BEGIN
  FOREACH the_role IN ARRAY ARRAY['audit_owner', 'audit_reader', 'audit_writer', 'audit_admin',
                                  'audit_eraser', 'audit_archivist'] LOOP
    IF to_regrole(the_role) IS NULL THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', the_role);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL; -- an install in another database of this cluster was quicker
      END;
    END IF;
  END LOOP;
  IF (SELECT r.rolcanlogin OR r.rolsuper FROM pg_roles r WHERE r.rolname = 'audit_owner') THEN
    RAISE EXCEPTION 'the role audit_owner can log in or is a superuser: nobody may log in as the owner of the log'
      USING ERRCODE = '55000', HINT = 'ALTER ROLE audit_owner NOLOGIN NOSUPERUSER';
  END IF;
END
$roles$;

-- A comment on a role needs rights over that role; without them the role goes without.
DO $comments$
DECLARE
  the_role text;
  remark text;
BEGIN
  FOR the_role, remark IN VALUES
    ('audit_owner', 'audit-tui: owns the audit schema; NOLOGIN, granted to nobody'),
    ('audit_reader', 'audit-tui: may read the audit log'),
    ('audit_writer', 'audit-tui: may log events, and nothing else'),
    ('audit_admin', 'audit-tui: may read the audit log and verify its chains'),
    ('audit_eraser', 'audit-tui: may approve and apply erasures; granted to people one by one'),
    ('audit_archivist', 'audit-tui: may archive events; granted to people one by one')
  LOOP
    BEGIN
      IF shobj_description(to_regrole(the_role), 'pg_authid') IS DISTINCT FROM remark THEN
        EXECUTE format('COMMENT ON ROLE %I IS %L', the_role, remark);
      END IF;
    EXCEPTION WHEN insufficient_privilege THEN
      NULL;
    END;
  END LOOP;
END
$comments$;

-- Everything below is made as the owner. Whoever installs without being a member (or a superuser) joins for
-- this transaction only; 0090_grants.sql takes it back.
DO $join$
BEGIN
  PERFORM set_config('audit_install.joined', 'no', true);
  IF NOT pg_has_role(current_user, 'audit_owner', 'MEMBER')
     OR (SELECT NOT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user)
        AND NOT EXISTS (SELECT FROM pg_auth_members m
                        WHERE m.roleid = to_regrole('audit_owner') AND m.member = to_regrole(quote_ident(current_user))
                          AND coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)) THEN
    EXECUTE format('GRANT audit_owner TO %I', current_user);
    PERFORM set_config('audit_install.joined', 'yes', true);
  END IF;
  IF to_regnamespace('audit') IS NULL THEN
    CREATE SCHEMA audit AUTHORIZATION audit_owner;
  ELSIF (SELECT n.nspowner <> to_regrole('audit_owner') FROM pg_namespace n WHERE n.nspname = 'audit') THEN
    ALTER SCHEMA audit OWNER TO audit_owner;
  END IF;
END
$join$;

SET LOCAL ROLE audit_owner;

COMMENT ON SCHEMA audit IS 'audit-tui: an append-only, hash-chained log of events, one chain per tenant';
-- file: 0025_version.sql
-- A newer layout is not for these files.
DO $version$
DECLARE
  installed integer;
BEGIN
  IF to_regclass('audit.schema_info') IS NOT NULL THEN
    SELECT i.version INTO installed FROM audit.schema_info i;
    IF installed > 1 THEN
      RAISE EXCEPTION 'the audit schema here is version %, newer than this audit-tui knows (1)', installed
        USING ERRCODE = '55000', HINT = 'use a newer audit-tui';
    END IF;
  END IF;
END
$version$;
-- file: 0030_table.sql
-- The log, the lock row of each chain, and what the installation knows of itself.

CREATE TABLE IF NOT EXISTS audit.logs (
  id                bigint GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME audit.logs_id_seq),
  event_id          varchar(50)  NOT NULL,
  sequence_number   bigint       NOT NULL,
  timestamp         timestamptz  NOT NULL DEFAULT now(),
  event_type        varchar(100) NOT NULL,
  tenant_id         varchar(50)  NOT NULL,
  actor_type        varchar(50)  NOT NULL,
  actor_id          varchar(50)  NOT NULL,
  actor_email       varchar(255),
  actor_ip_address  inet,
  resource_type     varchar(100) NOT NULL,
  resource_id       varchar(50)  NOT NULL,
  endpoint          varchar(500),
  http_method       varchar(10),
  changes           jsonb,
  resource_before   jsonb,
  resource_after    jsonb,
  previous_hash     varchar(64),
  event_hash        varchar(64)  NOT NULL,
  request_id        varchar(50),
  session_id        varchar(50),
  user_agent        text,
  metadata          jsonb,
  hash_version      smallint,
  part_salts        bytea,
  erased_parts      jsonb,
  CONSTRAINT logs_pkey PRIMARY KEY (tenant_id, sequence_number),
  CONSTRAINT logs_tenant_id_event_id_key UNIQUE (tenant_id, event_id),
  CONSTRAINT event_id_format CHECK (event_id ~ '^evt_[a-zA-Z0-9]+$'),
  CONSTRAINT timestamp_range CHECK (timestamp >= '0001-01-01 00:00:00+00' AND timestamp < '10000-01-01 00:00:00+00')
);

CREATE INDEX IF NOT EXISTS logs_tenant_time_idx ON audit.logs (tenant_id, timestamp, sequence_number);
CREATE INDEX IF NOT EXISTS logs_tenant_actor_idx ON audit.logs (tenant_id, actor_id, sequence_number);
CREATE INDEX IF NOT EXISTS logs_tenant_resource_idx
  ON audit.logs (tenant_id, resource_type, resource_id, sequence_number);
CREATE INDEX IF NOT EXISTS logs_tenant_type_idx ON audit.logs (tenant_id, event_type, sequence_number);
CREATE INDEX IF NOT EXISTS logs_event_id_idx ON audit.logs (event_id);

-- Half-empty pages: the one update per transaction stays on its page and touches no index.
CREATE TABLE IF NOT EXISTS audit.chains (
  tenant_id  varchar(50) CONSTRAINT chains_pkey PRIMARY KEY,
  holder     xid8        NOT NULL,
  since      timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE IF NOT EXISTS audit.schema_info (
  single        boolean     NOT NULL DEFAULT true
                CONSTRAINT schema_info_pkey PRIMARY KEY
                CONSTRAINT schema_info_one_row CHECK (single),
  version       integer     NOT NULL,
  log_id        uuid        NOT NULL DEFAULT gen_random_uuid(),
  installed_at  timestamptz NOT NULL DEFAULT now(),
  tool_version  text        NOT NULL
);
-- file: 0032_table_comments.sql
-- What each table, column, index and constraint is for.

COMMENT ON TABLE audit.logs IS
  'The audit log: one row per event, one hash chain per tenant. INSERT only; every column but id is sealed';
COMMENT ON COLUMN audit.logs.id IS 'A generated number without meaning; gaps are harmless (rolled-back inserts)';
COMMENT ON COLUMN audit.logs.event_id IS 'evt_ and letters or digits; unique within the tenant';
COMMENT ON COLUMN audit.logs.sequence_number IS 'Place in the tenant''s chain, from 1 without gaps; set by the trigger';
COMMENT ON COLUMN audit.logs.timestamp IS 'When it was logged; set by the trigger, order is sequence_number''s';
COMMENT ON COLUMN audit.logs.event_type IS 'What happened, e.g. user.updated; audit.* is reserved';
COMMENT ON COLUMN audit.logs.tenant_id IS 'Whose chain the event belongs to';
COMMENT ON COLUMN audit.logs.actor_type IS 'What acted: user, service, ...';
COMMENT ON COLUMN audit.logs.actor_id IS 'Who acted (part identity)';
COMMENT ON COLUMN audit.logs.actor_email IS 'The actor''s address, or after an erasure a pseudonym (part identity)';
COMMENT ON COLUMN audit.logs.actor_ip_address IS 'Where the actor came from (part identity)';
COMMENT ON COLUMN audit.logs.resource_type IS 'What kind of thing was affected';
COMMENT ON COLUMN audit.logs.resource_id IS 'Which one; sealed in clear, cannot be erased';
COMMENT ON COLUMN audit.logs.endpoint IS 'The request''s path (part details)';
COMMENT ON COLUMN audit.logs.http_method IS 'The request''s method';
COMMENT ON COLUMN audit.logs.changes IS 'Delta: {field: {"old": ..., "new": ...}} (part changes)';
COMMENT ON COLUMN audit.logs.resource_before IS 'The resource before the event (part snapshots)';
COMMENT ON COLUMN audit.logs.resource_after IS 'The resource after the event (part snapshots)';
COMMENT ON COLUMN audit.logs.previous_hash IS 'event_hash of the predecessor; NULL for the first; set by the trigger';
COMMENT ON COLUMN audit.logs.event_hash IS 'The seal: lower-case hex SHA-256; set by the trigger';
COMMENT ON COLUMN audit.logs.request_id IS 'The request; sealed in clear, cannot be erased';
COMMENT ON COLUMN audit.logs.session_id IS 'The actor''s session (part identity)';
COMMENT ON COLUMN audit.logs.user_agent IS 'The actor''s program (part identity)';
COMMENT ON COLUMN audit.logs.metadata IS 'Anything else (part details)';
-- Nullable on purpose: the trigger always sets it, and an adopted table must not be scanned for it.
COMMENT ON COLUMN audit.logs.hash_version IS 'Which seal: 2, or 1 for events that the guide''s trigger made';
COMMENT ON COLUMN audit.logs.part_salts IS
  'Four random salts of 16 bytes: identity, changes, snapshots, details; zeros where the part was erased';
COMMENT ON COLUMN audit.logs.erased_parts IS
  'Digests of the parts that an authorised erasure removed, by name (version 1: "unsealed"); else NULL';

COMMENT ON CONSTRAINT logs_pkey ON audit.logs IS 'A sequence occurs once in its tenant';
COMMENT ON CONSTRAINT logs_tenant_id_event_id_key ON audit.logs IS 'An event_id occurs once in its tenant';
COMMENT ON CONSTRAINT event_id_format ON audit.logs IS 'evt_ and letters or digits, as in the guide';
COMMENT ON CONSTRAINT timestamp_range ON audit.logs IS
  'Years 1 to 9999: beyond, no client can hold the time and microseconds overflow';
COMMENT ON INDEX audit.logs_pkey IS 'The chain in order: timeline, head, verification';
COMMENT ON INDEX audit.logs_tenant_id_event_id_key IS 'One event of a tenant by its event_id';
COMMENT ON INDEX audit.logs_tenant_time_idx IS 'A tenant''s events by time';
COMMENT ON INDEX audit.logs_tenant_actor_idx IS 'A tenant''s events by actor';
COMMENT ON INDEX audit.logs_tenant_resource_idx IS 'A tenant''s events by resource: history, reconstruction';
COMMENT ON INDEX audit.logs_tenant_type_idx IS 'A tenant''s events by type; the audit.* events that vouch for removals';
COMMENT ON INDEX audit.logs_event_id_idx IS 'An event by its event_id alone';
COMMENT ON SEQUENCE audit.logs_id_seq IS 'Numbers for audit.logs.id';

COMMENT ON TABLE audit.chains IS
  'One row per tenant that writers lock while they append to its chain. No grants to anyone: an advisory lock '
  'could be held by any role that can connect';
COMMENT ON COLUMN audit.chains.tenant_id IS 'Whose chain';
COMMENT ON COLUMN audit.chains.holder IS 'The transaction that appended last';
COMMENT ON COLUMN audit.chains.since IS 'When that transaction began; tells it from another with the same number';
COMMENT ON CONSTRAINT chains_pkey ON audit.chains IS 'One row per tenant';
COMMENT ON INDEX audit.chains_pkey IS 'The row that a writer locks';

COMMENT ON TABLE audit.schema_info IS 'What this installation is; one row';
COMMENT ON COLUMN audit.schema_info.single IS 'Always true: there is one row';
COMMENT ON COLUMN audit.schema_info.version IS 'Version of the layout';
COMMENT ON COLUMN audit.schema_info.log_id IS 'Names this log: witnesses know a replaced log by it';
COMMENT ON COLUMN audit.schema_info.installed_at IS 'When the schema was first installed';
COMMENT ON COLUMN audit.schema_info.tool_version IS 'The audit-tui that installed this version';
COMMENT ON CONSTRAINT schema_info_pkey ON audit.schema_info IS 'One row';
COMMENT ON CONSTRAINT schema_info_one_row ON audit.schema_info IS 'One row';
COMMENT ON INDEX audit.schema_info_pkey IS 'One row';
-- file: 0040_seal.sql
-- Seal, version 2: the texts that are hashed, and the hash of an event. Version 1 is the guide's.
--
-- Every function is a plain SQL expression: not SECURITY DEFINER, without SET, STABLE (json_build_array is),
-- so that the planner puts its body into the caller's query. No value depends on a session setting: inet,
-- jsonb, bigint and text print alike everywhere, times enter as microseconds.

CREATE OR REPLACE FUNCTION audit.identity_text(
  p_actor_id varchar, p_actor_email varchar, p_actor_ip_address inet, p_session_id varchar, p_user_agent text)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN p_actor_id IS NULL AND p_actor_email IS NULL AND p_actor_ip_address IS NULL
               AND p_session_id IS NULL AND p_user_agent IS NULL THEN NULL
    ELSE pg_catalog.json_build_array(p_actor_id, p_actor_email, p_actor_ip_address, p_session_id,
                                     p_user_agent)::pg_catalog.text END
$$;
COMMENT ON FUNCTION audit.identity_text(varchar, varchar, inet, varchar, text) IS
  'The text of the identity part, a JSON array; NULL when all five columns are NULL';

-- A SQL NULL is the empty text and a JSON null is the text null, so the two differ.
CREATE OR REPLACE FUNCTION audit.snapshots_text(p_before jsonb, p_after jsonb)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN p_before IS NULL AND p_after IS NULL THEN NULL
    ELSE COALESCE(p_before::pg_catalog.text, '') OPERATOR(pg_catalog.||) E'\n'
         OPERATOR(pg_catalog.||) COALESCE(p_after::pg_catalog.text, '') END
$$;

COMMENT ON FUNCTION audit.snapshots_text(jsonb, jsonb) IS
  'The text of the snapshots part: resource_before, a line feed, resource_after; NULL when both are NULL';

CREATE OR REPLACE FUNCTION audit.details_text(p_metadata jsonb, p_endpoint varchar)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN p_endpoint IS NULL THEN p_metadata::pg_catalog.text
    ELSE COALESCE(p_metadata::pg_catalog.text, '') OPERATOR(pg_catalog.||) E'\n'
         OPERATOR(pg_catalog.||) p_endpoint::pg_catalog.text END
$$;

COMMENT ON FUNCTION audit.details_text(jsonb, varchar) IS
  'The text of the details part: metadata, and where there is an endpoint a line feed and the endpoint';

-- p_slice 0 identity, 1 changes, 2 snapshots, 3 details. NULL text: the part is empty, its digest NULL.
CREATE OR REPLACE FUNCTION audit.part_digest(p_salts bytea, p_slice integer, p_text text)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT pg_catalog.encode(pg_catalog.sha256(
    pg_catalog.substr(p_salts, p_slice OPERATOR(pg_catalog.*) 16 OPERATOR(pg_catalog.+) 1, 16)
    OPERATOR(pg_catalog.||) pg_catalog.convert_to(p_text, 'UTF8')), 'hex')
$$;

COMMENT ON FUNCTION audit.part_digest(bytea, integer, text) IS
  'Lower-case hex SHA-256 of the salt of a part (its 16-byte slice of part_salts) and the UTF-8 of its text';

-- Microseconds since 1970-01-01 UTC. Only for times within the years 1 to 9999 (infinity would raise).
CREATE OR REPLACE FUNCTION audit.occurred_us(p_timestamp timestamptz)
RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT (EXTRACT(epoch FROM p_timestamp) OPERATOR(pg_catalog.*) 1000000)::pg_catalog.int8
$$;

COMMENT ON FUNCTION audit.occurred_us(timestamptz) IS
  'A time in whole microseconds since 1970-01-01 UTC, as the seal holds it; raises for infinity';

CREATE OR REPLACE FUNCTION audit.seal_v2(
  p_tenant_id varchar, p_sequence_number bigint, p_previous_hash varchar, p_event_id varchar, p_occurred_us bigint,
  p_event_type varchar, p_actor_type varchar, p_resource_type varchar, p_resource_id varchar,
  p_http_method varchar, p_request_id varchar,
  p_identity text, p_changes text, p_snapshots text, p_details text)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.json_build_array(
    'audit/2'::pg_catalog.text, p_tenant_id, p_sequence_number, p_previous_hash, p_event_id, p_occurred_us,
    p_event_type, p_actor_type, p_resource_type, p_resource_id, p_http_method, p_request_id,
    p_identity, p_changes, p_snapshots, p_details)::pg_catalog.text, 'UTF8')), 'hex')
$$;
COMMENT ON FUNCTION audit.seal_v2(
  varchar, bigint, varchar, varchar, bigint, varchar, varchar, varchar, varchar, varchar, varchar,
  text, text, text, text) IS
  'The seal, version 2: event_hash of these values and the four part digests (NULL for an empty part)';
-- file: 0042_seal_row.sql
-- The same seals, of a whole row: what erasing, removing an archived prefix and a curious reader ask.
-- verify_chain does not use these: it computes on its own, so that each can be checked against the other.

CREATE OR REPLACE FUNCTION audit.part_slice(p_part text)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE p_part WHEN 'identity' THEN 0 WHEN 'changes' THEN 1 WHEN 'snapshots' THEN 2 WHEN 'details' THEN 3 END
$$;
COMMENT ON FUNCTION audit.part_slice(text) IS
  'Which 16 bytes of part_salts belong to a part: 0 identity, 1 changes, 2 snapshots, 3 details';

CREATE OR REPLACE FUNCTION audit.part_text(p_event audit.logs, p_part text)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE p_part
    WHEN 'identity' THEN audit.identity_text((p_event).actor_id, (p_event).actor_email, (p_event).actor_ip_address,
                                             (p_event).session_id, (p_event).user_agent)
    WHEN 'changes' THEN (p_event).changes::pg_catalog.text
    WHEN 'snapshots' THEN audit.snapshots_text((p_event).resource_before, (p_event).resource_after)
    WHEN 'details' THEN audit.details_text((p_event).metadata, (p_event).endpoint) END
$$;
COMMENT ON FUNCTION audit.part_text(audit.logs, text) IS
  'The text of one part of an event, over which its digest is taken; NULL when all its columns are NULL';

CREATE OR REPLACE FUNCTION audit.is_erased_parts(p_erased_parts jsonb, p_mark text)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF jsonb_typeof(p_erased_parts) IS DISTINCT FROM 'object' THEN
    RETURN p_erased_parts IS NULL;
  END IF;
  RETURN p_erased_parts <> '{}' AND NOT EXISTS (
    SELECT FROM jsonb_each(p_erased_parts) AS e(part, digest)
    WHERE audit.part_slice(e.part) IS NULL OR jsonb_typeof(e.digest) <> 'string' OR (e.digest #>> '{}') !~ p_mark);
END
$$;
COMMENT ON FUNCTION audit.is_erased_parts(jsonb, text) IS
  'Whether erased_parts is NULL, or a non-empty object of part names to strings that match the mark';

-- Not well-formed: NULL, so that IS DISTINCT FROM finds a mismatch and nothing is cast that could raise.
CREATE OR REPLACE FUNCTION audit.sealed_hash_v2(p_event audit.logs)
RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  digests text[];
BEGIN
  IF octet_length(p_event.part_salts) IS DISTINCT FROM 64
     OR (p_event.timestamp >= '0001-01-01 00:00:00+00' AND p_event.timestamp < '10000-01-01 00:00:00+00') IS NOT TRUE
     OR NOT audit.is_erased_parts(p_event.erased_parts, '^[0-9a-f]{64}$') THEN
    RETURN NULL;
  END IF;
  SELECT array_agg(coalesce(p_event.erased_parts ->> part, audit.part_digest(
                     p_event.part_salts, audit.part_slice(part), audit.part_text(p_event, part))) ORDER BY n)
    INTO digests
    FROM unnest(ARRAY['identity', 'changes', 'snapshots', 'details']) WITH ORDINALITY AS p(part, n);
  RETURN audit.seal_v2(
    p_event.tenant_id, p_event.sequence_number, p_event.previous_hash, p_event.event_id,
    audit.occurred_us(p_event.timestamp), p_event.event_type, p_event.actor_type, p_event.resource_type,
    p_event.resource_id, p_event.http_method, p_event.request_id, digests[1], digests[2], digests[3], digests[4]);
END
$$;
COMMENT ON FUNCTION audit.sealed_hash_v2(audit.logs) IS
  'The event_hash that version 2 computes from a row as it stands; NULL where the row is not well-formed';

-- The guide rendered the time in the writer's session zone, so the offset is an argument.
CREATE OR REPLACE FUNCTION audit.sealed_hash_v1(p_event audit.logs, p_offset_seconds integer DEFAULT 0)
RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  minutes integer := abs(p_offset_seconds) / 60;
  stamp text;
BEGIN
  IF p_event.part_salts IS NOT NULL
     OR (p_event.timestamp >= '0001-01-01 00:00:00+00' AND p_event.timestamp < '10000-01-01 00:00:00+00') IS NOT TRUE
     OR NOT audit.is_erased_parts(p_event.erased_parts, '^unsealed$') THEN
    RETURN NULL;
  END IF;
  stamp := trim(BOTH '"' FROM to_json(timezone('UTC', p_event.timestamp) + make_interval(secs => p_offset_seconds))::text)
    || CASE WHEN p_offset_seconds < 0 THEN '-' ELSE '+' END
    || lpad((minutes / 60)::text, 2, '0') || ':' || lpad((minutes % 60)::text, 2, '0')
    || CASE WHEN p_offset_seconds % 60 = 0 THEN '' ELSE ':' || lpad((abs(p_offset_seconds) % 60)::text, 2, '0') END;
  RETURN encode(sha256(convert_to(json_build_object(
    'event_id', p_event.event_id,
    'sequence_number', p_event.sequence_number,
    'timestamp', stamp,
    'event_type', p_event.event_type,
    'tenant_id', p_event.tenant_id,
    'actor_id', p_event.actor_id,
    'resource_type', p_event.resource_type,
    'resource_id', p_event.resource_id,
    'changes', p_event.changes,
    'previous_hash', p_event.previous_hash)::text, getdatabaseencoding())), 'hex');
END
$$;
COMMENT ON FUNCTION audit.sealed_hash_v1(audit.logs, integer) IS
  'The event_hash of the guide (version 1) as a session at that UTC offset computed it; NULL where not well-formed';

CREATE OR REPLACE FUNCTION audit.event_verifies(p_event audit.logs)
RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN coalesce(CASE p_event.hash_version
    WHEN 2 THEN audit.sealed_hash_v2(p_event) = p_event.event_hash
    WHEN 1 THEN audit.sealed_hash_v1(p_event) = p_event.event_hash OR EXISTS (
      SELECT FROM generate_series(-57600, 57600, 900) AS o(seconds)
      WHERE audit.sealed_hash_v1(p_event, o.seconds) = p_event.event_hash) END, false);
END
$$;
COMMENT ON FUNCTION audit.event_verifies(audit.logs) IS
  'Whether the event''s content fits its event_hash (version 1: in UTC or any offset of whole quarter hours)';

-- What lets an audit.* event vouch for something. A version 1 event carries no authority: nothing was reserved.
CREATE OR REPLACE FUNCTION audit.carries_authority(p_event audit.logs)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT (p_event).hash_version IS NOT DISTINCT FROM 2::pg_catalog.int2 AND (p_event).erased_parts IS NULL
     AND audit.event_verifies(p_event)
$$;
COMMENT ON FUNCTION audit.carries_authority(audit.logs) IS
  'Whether an audit.* event may vouch for a removal: version 2, nothing of it erased, content as sealed';
-- file: 0045_protection.sql
-- Append-only: UPDATE, DELETE and TRUNCATE are refused for everyone, the owner and superusers included.
-- The two authorised removals are proved in 0070 (an erasure) and 0080 (an archived prefix).

CREATE OR REPLACE FUNCTION audit.refuse_truncate() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'Audit logs are immutable. TRUNCATE is not allowed.' USING ERRCODE = 'restrict_violation';
END
$$;

COMMENT ON FUNCTION audit.refuse_truncate() IS 'Trigger: TRUNCATE of the log is refused for everyone';

CREATE OR REPLACE TRIGGER logs_refuse_truncate BEFORE TRUNCATE ON audit.logs
  FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_truncate();
ALTER TABLE audit.logs ENABLE ALWAYS TRIGGER logs_refuse_truncate;
COMMENT ON TRIGGER logs_refuse_truncate ON audit.logs IS
  'TRUNCATE is refused, also under session_replication_role = replica';
-- file: 0050_sealing.sql
-- Sealing: what happens to every row that is inserted, by whatever road. Two triggers: the first runs as whoever
-- inserts and knows them, the second runs as the owner and seals. (Measured: a WHEN condition costs more per
-- statement than a trigger function, and these two run for every event of an application.)

-- Event types audit.* belong to the owner role, judged by who really inserts: neither a SECURITY DEFINER function,
-- a view nor a setting of a session makes anyone else the current user. History (hash_version 0) likewise.
-- No SET, for speed: every name is qualified instead, so a search_path of the caller's changes nothing. Under the
-- "C" collation lower() means the same in every locale (in Turkish, AUDIT would not become audit).
CREATE OR REPLACE FUNCTION audit.guard_insert() RETURNS trigger
LANGUAGE plpgsql SECURITY INVOKER AS $$
BEGIN
  IF current_user OPERATOR(pg_catalog.<>) 'audit_owner'::pg_catalog.name
     AND (NEW.hash_version OPERATOR(pg_catalog.=) 0
          OR pg_catalog.lower(NEW.event_type COLLATE pg_catalog."C") OPERATOR(pg_catalog.~~) 'audit.%') THEN
    IF pg_catalog.lower(NEW.event_type COLLATE pg_catalog."C") OPERATOR(pg_catalog.~~) 'audit.%' THEN
      RAISE EXCEPTION 'event types that begin with "audit." are reserved for the audit schema itself'
        USING ERRCODE = 'insufficient_privilege';
    END IF;
    NEW.hash_version := NULL;
  END IF;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION audit.guard_insert() IS
  'Trigger, as whoever inserts: reserved event types and given times are for the owner role alone';

-- What a constraint would refuse is refused before the head is read: the DETAIL of a constraint's error would
-- show a writer the hash and salts that stand in the row by then.
CREATE OR REPLACE FUNCTION audit.refuse_event(p_event audit.logs) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_event.event_hash IS NOT NULL AND p_event.part_salts IS NOT NULL THEN
    -- Sealing a restored row anew would bless whatever stands in it.
    RAISE EXCEPTION 'this event is already sealed; inserting it would seal it anew'
      USING ERRCODE = 'restrict_violation',
            HINT = 'restore the whole dump with pg_restore, or data alone under session_replication_role = replica';
  ELSIF p_event.erased_parts IS NOT NULL THEN
    RAISE EXCEPTION 'an event cannot be born erased' USING ERRCODE = 'check_violation';
  ELSIF p_event.event_id !~ '^evt_[a-zA-Z0-9]+$' THEN
    RAISE EXCEPTION 'event_id must be evt_ and letters or digits' USING ERRCODE = 'check_violation';
  END IF;
  RAISE EXCEPTION 'tenant_id, event_id, event_type, actor_type, actor_id, resource_type and resource_id must not be NULL'
    USING ERRCODE = 'not_null_violation';
END
$$;
COMMENT ON FUNCTION audit.refuse_event(audit.logs) IS
  'Raises what is wrong with an event that cannot be sealed, without a word about the chain';

CREATE OR REPLACE FUNCTION audit.seal_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  head_sequence  bigint;
  head_hash      varchar(64);
  head_time      timestamptz;
  true_time      timestamptz;
  identity_text  text;
  changes_text   text;
  snapshots_text text;
  details_text   text;
BEGIN
  IF NEW.tenant_id IS NULL OR NEW.event_id IS NULL OR NEW.event_type IS NULL OR NEW.actor_type IS NULL
     OR NEW.actor_id IS NULL OR NEW.resource_type IS NULL OR NEW.resource_id IS NULL
     OR NEW.event_id !~ '^evt_[a-zA-Z0-9]+$' OR NEW.erased_parts IS NOT NULL
     OR NEW.event_hash IS NOT NULL AND NEW.part_salts IS NOT NULL THEN
    PERFORM audit.refuse_event(NEW);
  END IF;

  -- The texts the seal is over, rendered once and here, so that an event that no reader could render is refused.
  identity_text := audit.identity_text(
    NEW.actor_id, NEW.actor_email, NEW.actor_ip_address, NEW.session_id, NEW.user_agent);
  changes_text := NEW.changes::text;
  snapshots_text := audit.snapshots_text(NEW.resource_before, NEW.resource_after);
  details_text := audit.details_text(NEW.metadata, NEW.endpoint);
  IF octet_length(identity_text)::bigint + coalesce(octet_length(changes_text), 0)
     + coalesce(octet_length(snapshots_text), 0) + coalesce(octet_length(details_text), 0) > 536870912 THEN
    RAISE EXCEPTION 'the event''s text is longer than 512 MiB: it could be stored, but never be read again'
      USING ERRCODE = 'program_limit_exceeded';
  END IF;

  -- One writer of a chain at a time. This locks always and writes once per transaction; comparing the
  -- transaction's time as well keeps a number that a restored cluster hands out again from passing unlocked.
  INSERT INTO audit.chains AS c (tenant_id, holder, since)
    VALUES (NEW.tenant_id, pg_current_xact_id(), transaction_timestamp())
    ON CONFLICT (tenant_id) DO UPDATE SET holder = EXCLUDED.holder, since = EXCLUDED.since
    WHERE (c.holder, c.since) IS DISTINCT FROM (pg_current_xact_id(), transaction_timestamp());

  SELECT l.sequence_number, l.event_hash, l.timestamp INTO head_sequence, head_hash, head_time
    FROM audit.logs l WHERE l.tenant_id = NEW.tenant_id ORDER BY l.sequence_number DESC LIMIT 1;

  true_time := clock_timestamp();
  IF NEW.hash_version = 0 THEN
    -- History, and audit.guard_insert has seen that it is the owner role who brings it.
    IF NEW.timestamp IS NULL OR NEW.timestamp > true_time OR NEW.timestamp < '0001-01-01 00:00:00+00'
       OR NEW.timestamp < head_time THEN
      RAISE EXCEPTION 'the time of imported event % is missing, in the future, or before the event it follows', NEW.event_id
        USING ERRCODE = 'check_violation';
    END IF;
  ELSE
    -- Further ahead than a minute the head's clock had jumped: one event must not freeze the tenant's time.
    NEW.timestamp := CASE WHEN head_time > true_time AND head_time <= true_time + make_interval(secs => 60)
                          THEN head_time ELSE true_time END;
  END IF;

  NEW.sequence_number := coalesce(head_sequence, 0) + 1;
  NEW.previous_hash := head_hash;
  NEW.hash_version := 2;
  -- 64 unpredictable bytes from 244 random bits: one slice tells nothing about another.
  NEW.part_salts := sha512(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
  NEW.event_hash := audit.seal_v2(
    NEW.tenant_id, NEW.sequence_number, head_hash, NEW.event_id, audit.occurred_us(NEW.timestamp),
    NEW.event_type, NEW.actor_type, NEW.resource_type, NEW.resource_id, NEW.http_method, NEW.request_id,
    audit.part_digest(NEW.part_salts, 0, identity_text), audit.part_digest(NEW.part_salts, 1, changes_text),
    audit.part_digest(NEW.part_salts, 2, snapshots_text), audit.part_digest(NEW.part_salts, 3, details_text));
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION audit.seal_event() IS
  'Trigger: sets sequence, link, time, version, salts and hash of every inserted event, whatever the caller passed';

-- Origin: replication and a restore under session_replication_role = replica bring rows as they were sealed.
CREATE OR REPLACE TRIGGER logs_10_guard_insert BEFORE INSERT ON audit.logs
  FOR EACH ROW EXECUTE FUNCTION audit.guard_insert();
CREATE OR REPLACE TRIGGER logs_90_seal_event BEFORE INSERT ON audit.logs
  FOR EACH ROW EXECUTE FUNCTION audit.seal_event();
COMMENT ON TRIGGER logs_10_guard_insert ON audit.logs IS
  'Event types audit.* and given times are for the owner role alone, judged by who really inserts';
COMMENT ON TRIGGER logs_90_seal_event ON audit.logs IS
  'Seals every event; no BEFORE INSERT trigger may sort after it';
-- file: 0052_log_event.sql
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
-- file: 0054_import_events.sql
-- History with given times: from another log, from files, for a demonstration. Only for the owner role.

-- p_events: an array of objects whose keys are columns of audit.logs; event_id, timestamp (ISO 8601 with its
-- UTC offset), event_type, actor_type, actor_id, resource_type and resource_id are required. They are sealed
-- in the order given, so times must not go back, nor lie in the future or before the tenant's last event.
-- A key that is absent or null is a SQL NULL, as row_to_json writes it. A JSON null in a jsonb column is named
-- in one more key: "json_null": ["resource_after"].
CREATE OR REPLACE FUNCTION audit.import_events(p_tenant_id varchar, p_source text, p_events jsonb)
RETURNS bigint LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, YMD' AS $$
DECLARE
  problem text;
  written bigint;
  first_sequence bigint;
  last_sequence bigint;
  last_time timestamptz;
  own_id varchar := 'evt_' || replace(gen_random_uuid()::text, '-', '');
BEGIN
  IF current_user <> 'audit_owner' THEN
    RAISE EXCEPTION 'only the owner role imports history' USING ERRCODE = 'insufficient_privilege',
      HINT = 'SET ROLE audit_owner';
  END IF;
  IF coalesce(p_tenant_id, '') = '' OR coalesce(p_source, '') = '' THEN
    RAISE EXCEPTION 'an import needs a tenant and a source' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  problem := audit.import_problem(p_tenant_id, p_events);
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION 'cannot import: %', problem USING ERRCODE = 'invalid_parameter_value';
  END IF;

  -- hash_version 0 is how the sealing trigger knows history; it leaves as 2.
  WITH appended AS (
    INSERT INTO audit.logs (
      event_id, timestamp, event_type, tenant_id, actor_type, actor_id, actor_email, actor_ip_address,
      resource_type, resource_id, endpoint, http_method, request_id, session_id, user_agent, hash_version,
      changes, resource_before, resource_after, metadata)
    SELECT r.event_id, r.timestamp, r.event_type, p_tenant_id, r.actor_type, r.actor_id, r.actor_email,
      r.actor_ip_address, r.resource_type, r.resource_id, r.endpoint, r.http_method, r.request_id, r.session_id,
      r.user_agent, 0,
      CASE WHEN e.event -> 'json_null' ? 'changes' THEN 'null' ELSE r.changes END,
      CASE WHEN e.event -> 'json_null' ? 'resource_before' THEN 'null' ELSE r.resource_before END,
      CASE WHEN e.event -> 'json_null' ? 'resource_after' THEN 'null' ELSE r.resource_after END,
      CASE WHEN e.event -> 'json_null' ? 'metadata' THEN 'null' ELSE r.metadata END
    FROM jsonb_array_elements(p_events) WITH ORDINALITY AS e(event, n)
    CROSS JOIN LATERAL jsonb_populate_record(NULL::audit.logs, e.event - 'json_null') AS r
    ORDER BY e.n
    RETURNING sequence_number, timestamp
  )
  SELECT count(*), min(a.sequence_number), max(a.sequence_number), max(a.timestamp)
    INTO written, first_sequence, last_sequence, last_time FROM appended a;

  INSERT INTO audit.logs (event_id, timestamp, event_type, tenant_id, actor_type, actor_id, resource_type,
                          resource_id, hash_version, metadata)
  VALUES (own_id, last_time, 'audit.imported', p_tenant_id, 'database_login', left(session_user, 50), 'audit_import',
          own_id, 0, jsonb_build_object(
            'first_sequence', first_sequence, 'last_sequence', last_sequence, 'events', written,
            'source', p_source, 'imported_at', to_char(clock_timestamp(), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'login', session_user));
  RETURN written;
END
$$;
COMMENT ON FUNCTION audit.import_events(varchar, text, jsonb) IS
  'Appends history with its own event_ids and times (owner role only) and returns the number of events written; '
  'a closing audit.imported event names sequences, source and the real time';

CREATE OR REPLACE FUNCTION audit.import_problem(p_tenant_id varchar, p_events jsonb)
RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  allowed constant text[] := ARRAY[
    'event_id', 'timestamp', 'event_type', 'tenant_id', 'actor_type', 'actor_id', 'actor_email', 'actor_ip_address',
    'resource_type', 'resource_id', 'endpoint', 'http_method', 'changes', 'resource_before', 'resource_after',
    'request_id', 'session_id', 'user_agent', 'metadata', 'json_null'];
  nullable constant jsonb := '["changes", "resource_before", "resource_after", "metadata"]';
  problem text;
BEGIN
  IF jsonb_typeof(p_events) IS DISTINCT FROM 'array' OR p_events = '[]' THEN
    RETURN 'the events must be a non-empty JSON array';
  END IF;
  SELECT format('event %s %s', e.n, CASE
      WHEN jsonb_typeof(e.event) <> 'object' THEN 'is not an object'
      WHEN e.event - allowed <> '{}' THEN 'has a key that cannot be imported'
      WHEN coalesce(e.event ->> 'tenant_id', p_tenant_id) <> p_tenant_id THEN 'belongs to another tenant'
      WHEN lower(e.event ->> 'event_type' COLLATE "C") LIKE 'audit.%' THEN 'has a reserved type'
      WHEN coalesce(e.event ->> 'timestamp', '') !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(Z|[+-][0-9]{2}(:?[0-9]{2})?)$'
        THEN 'has no time with a UTC offset'
      ELSE 'names columns in json_null that cannot hold a JSON null, or that hold a value' END)
    INTO problem
    FROM jsonb_array_elements(p_events) WITH ORDINALITY AS e(event, n)
    WHERE CASE WHEN jsonb_typeof(e.event) <> 'object' THEN true
      ELSE e.event - allowed <> '{}'
        OR coalesce(e.event ->> 'tenant_id', p_tenant_id) <> p_tenant_id
        OR coalesce(lower(e.event ->> 'event_type' COLLATE "C") LIKE 'audit.%', false)
        OR coalesce(e.event ->> 'timestamp', '') !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(Z|[+-][0-9]{2}(:?[0-9]{2})?)$'
        OR e.event ? 'json_null' AND (jsonb_typeof(e.event -> 'json_null') <> 'array'
             OR NOT e.event -> 'json_null' <@ nullable
             OR EXISTS (SELECT FROM jsonb_array_elements_text(e.event -> 'json_null') c
                        WHERE jsonb_typeof(e.event -> c) <> 'null')) END
    ORDER BY e.n LIMIT 1;
  RETURN problem;
END
$$;
COMMENT ON FUNCTION audit.import_problem(varchar, jsonb) IS
  'What makes these events unfit for import_events, as a sentence; NULL when nothing does';
-- file: 0060_verify.sql
-- audit.verify_chain: every break of a tenant's chain, classified; the guide's four result columns first.
-- The functions that it calls are in the files that follow; they are looked up when it runs. All are plain
-- (no SECURITY DEFINER, nothing volatile) and rely on the search_path that is pinned here.

CREATE OR REPLACE FUNCTION audit.verify_chain(p_tenant_id varchar)
RETURNS TABLE (
  is_valid boolean, broken_at_sequence bigint, broken_event_id varchar, message text,
  kind text, severity text, first_sequence bigint, last_sequence bigint,
  expected text, found text, columns text[])
LANGUAGE plpgsql STABLE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
SET jit = off -- compiling the long expressions costs more than it saves
AS $$
DECLARE
  v_lost bigint[] := '{}'; -- sequences that the server cannot render; looked for only after it failed on one
BEGIN
  LOOP
    BEGIN
      RETURN QUERY SELECT f.* FROM audit.verify_findings(
        p_tenant_id, audit.verify_likely_offsets(p_tenant_id, v_lost), v_lost) AS f;
      RETURN;
    EXCEPTION
      -- Text beyond what the server can hold, or storage that is damaged: find those events, check all others.
      WHEN program_limit_exceeded OR out_of_memory OR internal_error OR data_corrupted OR data_exception THEN
        IF v_lost <> '{}' THEN
          RAISE;
        END IF;
        v_lost := audit.verify_unreadable(p_tenant_id);
        IF v_lost = '{}' THEN
          RAISE;
        END IF;
    END;
  END LOOP;
END
$$;

COMMENT ON FUNCTION audit.verify_chain(varchar) IS
  'Checks a tenant''s whole chain: one row per finding in order of sequence, or one row without a kind. is_valid '
  'is the verdict on the chain: false where anything was tampered with, NULL where there are no events or the '
  'server could not deliver one';
-- file: 0061_verify_seals.sql
-- The two seals as audit.verify_chain recomputes them. They stand apart from the functions that seal, because
-- a verifier must not call what it checks. No session setting (TimeZone, DateStyle,
-- standard_conforming_strings) has a say in any text below; verify_chain pins the search_path for all of them.
-- Rows may hold anything (an intruder owns the table): nothing here raises, whatever the values.

CREATE OR REPLACE FUNCTION audit.verify_erasure_marks(p_erased jsonb, p_value text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN jsonb_typeof(p_erased) = 'object' THEN p_erased <> '{}' AND NOT EXISTS (
    SELECT FROM jsonb_each(p_erased) AS mark (part, recorded)
    WHERE part NOT IN ('identity', 'changes', 'snapshots', 'details')
       OR jsonb_typeof(recorded) <> 'string' OR recorded #>> '{}' !~ p_value) ELSE false END
$$;

COMMENT ON FUNCTION audit.verify_erasure_marks(jsonb, text) IS
  'Whether erased_parts is a non-empty object of part names whose values match a pattern';

-- Plain SQL without SET or SECURITY DEFINER is inlined into the parallel scan: called, it would cost a third
-- more.
CREATE OR REPLACE FUNCTION audit.verify_seal_v2(l audit.logs) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN octet_length(l.part_salts) = 64
     AND l.timestamp >= '0001-01-01 00:00:00+00'::timestamptz
     AND l.timestamp < '10000-01-01 00:00:00+00'::timestamptz
     AND CASE WHEN l.erased_parts IS NULL THEN true
              ELSE audit.verify_erasure_marks(l.erased_parts, '^[0-9a-f]{64}$') END
    THEN nullif(encode(sha256(convert_to(json_build_array(
      'audit/2', l.tenant_id, l.sequence_number, l.previous_hash, l.event_id,
      (extract(epoch FROM l.timestamp) * 1000000)::bigint,
      l.event_type, l.actor_type, l.resource_type, l.resource_id, l.http_method, l.request_id,
      CASE WHEN l.erased_parts ? 'identity' THEN l.erased_parts ->> 'identity'
           WHEN l.actor_id IS NOT NULL OR l.actor_email IS NOT NULL OR l.actor_ip_address IS NOT NULL
             OR l.session_id IS NOT NULL OR l.user_agent IS NOT NULL
           THEN encode(sha256(substr(l.part_salts, 1, 16) || convert_to(json_build_array(
             l.actor_id, l.actor_email, l.actor_ip_address, l.session_id, l.user_agent)::text, 'UTF8')), 'hex') END,
      CASE WHEN l.erased_parts ? 'changes' THEN l.erased_parts ->> 'changes'
           ELSE encode(sha256(substr(l.part_salts, 17, 16) || convert_to(l.changes::text, 'UTF8')), 'hex') END,
      CASE WHEN l.erased_parts ? 'snapshots' THEN l.erased_parts ->> 'snapshots'
           WHEN l.resource_before IS NOT NULL OR l.resource_after IS NOT NULL
           THEN encode(sha256(substr(l.part_salts, 33, 16) || convert_to(
             concat(l.resource_before, chr(10), l.resource_after), 'UTF8')), 'hex') END,
      CASE WHEN l.erased_parts ? 'details' THEN l.erased_parts ->> 'details'
           WHEN l.metadata IS NOT NULL OR l.endpoint IS NOT NULL
           THEN encode(sha256(substr(l.part_salts, 49, 16) || convert_to(
             concat(l.metadata, chr(10) || l.endpoint), 'UTF8')), 'hex') END
      )::text, 'UTF8')), 'hex'), l.event_hash)
    ELSE '' END
$$;

COMMENT ON FUNCTION audit.verify_seal_v2(audit.logs) IS
  'What a version 2 hash says: NULL fits, empty is not well-formed, else the hash that the columns give';

CREATE OR REPLACE FUNCTION audit.verify_time(p_local timestamp, p_between text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT to_char(p_local, 'YYYY-MM-DD') || p_between || rtrim(rtrim(to_char(p_local, 'HH24:MI:SS.US'), '0'), '.')
$$;

COMMENT ON FUNCTION audit.verify_time(timestamp, text) IS
  'A local time as PostgreSQL prints it (no trailing zeros), with what stands between date and time';

CREATE OR REPLACE FUNCTION audit.verify_offset_text(p_seconds integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT concat(CASE WHEN p_seconds < 0 THEN '-' ELSE '+' END, lpad((abs(p_seconds) / 3600)::text, 2, '0'), ':',
                lpad((abs(p_seconds) % 3600 / 60)::text, 2, '0'))
$$;

COMMENT ON FUNCTION audit.verify_offset_text(integer) IS 'A UTC offset of whole minutes as text: +05:30';

-- The guide's trigger printed the time in its session's zone, so the writer's offset is part of the hash though
-- no column holds it. UTC first, then the offsets found elsewhere in the chain, then every quarter of an hour.
CREATE OR REPLACE FUNCTION audit.verify_seal_v1(l audit.logs, p_likely integer[]) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
  v_head text;
  v_tail text;
  v_utc timestamp;
  v_local timestamp;
  v_in_utc text;
  v_hash text;
  v_offset integer;
BEGIN
  IF l.part_salts IS NOT NULL
     OR coalesce(l.timestamp >= '0001-01-01 00:00:00+00'::timestamptz
                 AND l.timestamp < '10000-01-01 00:00:00+00'::timestamptz, false) IS NOT TRUE THEN
    RETURN '';
  END IF;
  IF l.erased_parts IS NOT NULL THEN
    IF NOT audit.verify_erasure_marks(l.erased_parts, '^unsealed$') THEN
      RETURN '';
    END IF;
  END IF;
  v_head := left(json_build_object('event_id', l.event_id, 'sequence_number', l.sequence_number)::text, -1)
            || ', "timestamp" : "';
  v_tail := '", ' || substr(json_build_object(
    'event_type', l.event_type, 'tenant_id', l.tenant_id, 'actor_id', l.actor_id,
    'resource_type', l.resource_type, 'resource_id', l.resource_id, 'changes', l.changes,
    'previous_hash', l.previous_hash)::text, 2);
  v_utc := l.timestamp AT TIME ZONE 'UTC';
  v_in_utc := encode(sha256(convert_to(v_head || audit.verify_time(v_utc, 'T') || '+00:00' || v_tail, getdatabaseencoding())), 'hex');
  IF v_in_utc = l.event_hash THEN
    RETURN NULL;
  END IF;
  IF coalesce(l.event_hash, '') !~ '^[0-9a-f]{64}$' THEN
    RETURN v_in_utc;
  END IF;
  FOR v_offset IN
    SELECT c FROM unnest(p_likely) AS c
    UNION ALL
    SELECT * FROM (SELECT q * 900 FROM generate_series(-63, 63) AS q WHERE q <> 0 ORDER BY abs(q)) AS quarters
  LOOP
    v_local := v_utc + v_offset * interval '1 second';
    IF v_local >= '0001-01-01 00:00:00'::timestamp AND v_local < '10000-01-01 00:00:00'::timestamp THEN
      v_hash := encode(sha256(convert_to(
        v_head || audit.verify_time(v_local, 'T') || audit.verify_offset_text(v_offset) || v_tail, getdatabaseencoding())), 'hex');
      IF v_hash = l.event_hash THEN
        RETURN audit.verify_offset_text(v_offset);
      END IF;
    END IF;
  END LOOP;
  RETURN v_in_utc;
END
$$;

COMMENT ON FUNCTION audit.verify_seal_v1(audit.logs, integer[]) IS
  'What the guide''s hash of an event says: NULL fits in UTC, +05:30 fits in that offset, empty is not well-formed, '
  'else the hash that the columns give in UTC';

-- A row's verdict on its own columns. The branches of CASE are reached by version alone, so that a chain of
-- version 2 pays nothing for version 1.
CREATE OR REPLACE FUNCTION audit.verify_seal(l audit.logs, p_likely integer[]) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE l.hash_version
    WHEN 2 THEN audit.verify_seal_v2(l)
    WHEN 1 THEN audit.verify_seal_v1(l, p_likely)
    ELSE '' END
$$;

COMMENT ON FUNCTION audit.verify_seal(audit.logs, integer[]) IS
  'NULL: the hash fits; empty: not well-formed or of an unknown version; +05:30: version 1 in that offset; else '
  'the hash that the columns give';

-- A look at 64 events spread over the chain: where one was written in another zone, most were.
CREATE OR REPLACE FUNCTION audit.verify_likely_offsets(p_tenant_id varchar, p_lost bigint[]) RETURNS integer[]
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT ARRAY(
    SELECT DISTINCT (substr(seal, 1, 3)::integer * 3600 + (left(seal, 1) || substr(seal, 5, 2))::integer * 60)
    FROM (SELECT min(sequence_number)::numeric AS low, max(sequence_number)::numeric AS high
          FROM audit.logs WHERE tenant_id = p_tenant_id) AS bounds,
      generate_series(0, 63) AS step,
      LATERAL (SELECT audit.verify_seal_v1(l, NULL) AS seal FROM audit.logs AS l
               WHERE l.tenant_id = p_tenant_id AND l.hash_version = 1 AND l.sequence_number <> ALL (p_lost)
                 AND l.sequence_number = trunc(low + (high - low) * step / 63)::bigint) AS sampled
    WHERE seal ~ '^[+-]')
$$;

COMMENT ON FUNCTION audit.verify_likely_offsets(varchar, bigint[]) IS
  'UTC offsets in seconds in which some version 1 events of a tenant were sealed, for verify_seal_v1 to try first';

-- Slow, one event at a time: only run after the whole could not be read.
CREATE OR REPLACE FUNCTION audit.verify_unreadable(p_tenant_id varchar) RETURNS bigint[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_lost bigint[] := '{}';
  v_sequence bigint;
BEGIN
  FOR v_sequence IN
    SELECT DISTINCT l.sequence_number FROM audit.logs AS l
    WHERE l.tenant_id = p_tenant_id AND l.sequence_number IS NOT NULL
  LOOP
    BEGIN
      PERFORM audit.verify_seal(l, NULL), audit.verify_remains(l) FROM audit.logs AS l
      WHERE l.tenant_id = p_tenant_id AND l.sequence_number = v_sequence;
    EXCEPTION
      WHEN program_limit_exceeded OR out_of_memory OR internal_error OR data_corrupted OR data_exception THEN
        v_lost := v_lost || v_sequence;
    END;
  END LOOP;
  RETURN v_lost;
END
$$;

COMMENT ON FUNCTION audit.verify_unreadable(varchar) IS
  'The sequences of a tenant''s events that the server cannot render: text beyond its limits, damaged storage';
-- file: 0062_verify_erasures.sql
-- What the chain itself authorises, for audit.verify_chain: erasures and the boundary of an archived prefix.
-- Metadata may hold anything: a group with anything malformed covers nothing, and nothing raises.

CREATE OR REPLACE FUNCTION audit.verify_ranges(p_listed jsonb) RETURNS nummultirange
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN jsonb_typeof(p_listed) = 'array' THEN
    CASE WHEN jsonb_array_length(p_listed) BETWEEN 1 AND 1000 THEN (
      SELECT CASE WHEN bool_and(span IS NOT NULL) THEN range_agg(span) END
      FROM jsonb_array_elements(p_listed) AS pair, LATERAL (
        SELECT CASE WHEN jsonb_typeof(pair) = 'array' THEN
          CASE WHEN jsonb_array_length(pair) = 2
                AND jsonb_typeof(pair -> 0) = 'number' AND jsonb_typeof(pair -> 1) = 'number' THEN
            CASE WHEN pair ->> 0 ~ '^[0-9]{1,19}$' AND pair ->> 1 ~ '^[0-9]{1,19}$' THEN
              CASE WHEN (pair ->> 0)::numeric <= (pair ->> 1)::numeric
                THEN numrange((pair ->> 0)::numeric, (pair ->> 1)::numeric, '[]') END END END END AS span) AS spans)
    END END
$$;

COMMENT ON FUNCTION audit.verify_ranges(jsonb) IS
  'Up to 1,000 pairs [lo, hi] of at most 19 digits as one multirange; NULL where anything is malformed';

CREATE OR REPLACE FUNCTION audit.verify_parts(p_listed jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN jsonb_typeof(p_listed) = 'array' THEN
    CASE WHEN jsonb_array_length(p_listed) BETWEEN 1 AND 4 THEN (
      SELECT CASE WHEN bool_and(jsonb_typeof(part) = 'string'
                                AND part #>> '{}' IN ('identity', 'changes', 'snapshots', 'details'))
                   AND count(DISTINCT part) = count(*)
             THEN array_agg(part #>> '{}') END
      FROM jsonb_array_elements(p_listed) AS part)
    END END
$$;

COMMENT ON FUNCTION audit.verify_parts(jsonb) IS 'A list of distinct part names; NULL where anything is malformed';

-- Only version 2 events that nothing was erased from and whose content fits speak with authority.
CREATE OR REPLACE FUNCTION audit.verify_groups(p_tenant_id varchar, p_lost bigint[])
RETURNS TABLE (sequence bigint, id bigint, event_id varchar, number bigint,
               ranges nummultirange, parts text[], holder text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT l.sequence_number, l.id, l.event_id, listed.number, checked.ranges, checked.parts,
         jsonb_build_array(entry ->> 'actor_id', entry ->> 'actor_email')::text
  FROM audit.logs AS l,
    LATERAL jsonb_array_elements(CASE WHEN l.sequence_number = ANY (p_lost) THEN '[]'
                                      WHEN jsonb_typeof(l.metadata -> 'erased') = 'array'
                                      THEN l.metadata -> 'erased' ELSE '[]' END)
      WITH ORDINALITY AS listed (entry, number),
    LATERAL (SELECT audit.verify_ranges(entry -> 'sequences') AS ranges,
                    audit.verify_parts(entry -> 'parts') AS parts OFFSET 0) AS checked
  WHERE l.tenant_id = p_tenant_id AND l.sequence_number IS NOT NULL AND l.event_type = 'audit.erased'
    AND l.hash_version = 2 AND l.erased_parts IS NULL
    AND CASE WHEN l.sequence_number = ANY (p_lost) THEN false ELSE audit.verify_seal_v2(l) IS NULL END
    AND checked.ranges IS NOT NULL AND checked.parts IS NOT NULL
    AND coalesce(jsonb_typeof(entry -> 'actor_id'), 'null') IN ('null', 'string')
    AND coalesce(jsonb_typeof(entry -> 'actor_email'), 'null') IN ('null', 'string')
    AND ('identity' = ANY (checked.parts)
         OR entry ->> 'actor_id' IS NULL AND entry ->> 'actor_email' IS NULL)
$$;

COMMENT ON FUNCTION audit.verify_groups(varchar, bigint[]) IS
  'The well-formed groups of a tenant''s intact audit.erased events; holder is what actor_id and actor_email must be';

CREATE OR REPLACE FUNCTION audit.verify_boundary(
  p_tenant_id varchar, p_first bigint, p_previous_hash varchar, p_lost bigint[])
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN p_first > 1 AND p_previous_hash ~ '^[0-9a-f]{64}$' THEN EXISTS (
    SELECT FROM audit.logs AS l
    WHERE l.tenant_id = p_tenant_id AND l.sequence_number IS NOT NULL AND l.event_type = 'audit.archived'
      AND l.hash_version = 2 AND l.erased_parts IS NULL
      AND CASE WHEN l.sequence_number = ANY (p_lost) THEN false
               WHEN audit.verify_seal_v2(l) IS NULL AND jsonb_typeof(l.metadata) = 'object'
                AND l.metadata -> 'last_hash' = to_jsonb(p_previous_hash::text)
                AND jsonb_typeof(l.metadata -> 'first_sequence') = 'number'
                AND l.metadata ->> 'first_sequence' ~ '^[0-9]{1,19}$'
                AND jsonb_typeof(l.metadata -> 'last_sequence') = 'number'
                AND l.metadata ->> 'last_sequence' = (p_first - 1)::text
               THEN (l.metadata ->> 'first_sequence')::numeric < p_first
               ELSE false END)
    ELSE false END
$$;

COMMENT ON FUNCTION audit.verify_boundary(varchar, bigint, varchar, bigint[]) IS
  'Whether an intact audit.archived event explains that the chain begins at this sequence after this hash';

-- Per erased part: whether its columns and its salt are as an erasure leaves them. A version 1 hash is over
-- `changes`, so that part cannot have been erased; an event of the log's own bookkeeping never is.
CREATE OR REPLACE FUNCTION audit.verify_remains(l audit.logs) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN CASE l.hash_version WHEN 2 THEN audit.verify_erasure_marks(l.erased_parts, '^[0-9a-f]{64}$')
                             WHEN 1 THEN audit.verify_erasure_marks(l.erased_parts, '^unsealed$') END
    THEN jsonb_build_object(
      'holder', jsonb_build_array(l.actor_id, l.actor_email)::text,
      'parts', (
        SELECT jsonb_object_agg(part, coalesce(
          coalesce(lower(l.event_type COLLATE "C"), '') NOT LIKE 'audit.%'
          AND (l.hash_version = 1 OR substr(l.part_salts, place, 16) = decode(repeat('00', 16), 'hex'))
          AND CASE part
            WHEN 'identity' THEN num_nonnulls(l.actor_ip_address, l.session_id, l.user_agent) = 0
            WHEN 'changes' THEN l.hash_version = 2 AND l.changes IS NULL
            WHEN 'snapshots' THEN num_nonnulls(l.resource_before, l.resource_after) = 0
            ELSE num_nonnulls(l.metadata, l.endpoint) = 0 END, false))
        FROM (VALUES ('identity', 1), ('changes', 17), ('snapshots', 33), ('details', 49)) AS slices (part, place)
        WHERE l.erased_parts ? part))
    END
$$;

COMMENT ON FUNCTION audit.verify_remains(audit.logs) IS
  'For each erased part of an event whether its columns and salt are as an erasure leaves them; NULL where '
  'erased_parts is malformed';
-- file: 0063_verify_findings.sql
-- The rules of the list (one finding per event and kind, in order of sequence, links not judged across a gap,
-- and so on), for audit.verify_chain. One statement, so that it sees one snapshot and may run in parallel:
--   read     hashes every event where it lies (parallel workers)
--   marked   compares each event with the one before it and keeps only those with something to say
--   judged   applies the rules to what is left
-- The client's verifier (audit_tui/core/walk.py) follows the same rules; tests/verify holds the two together.

CREATE OR REPLACE FUNCTION audit.verify_findings(p_tenant_id varchar, p_likely integer[], p_unreadable bigint[])
RETURNS TABLE (
  is_valid boolean, broken_at_sequence bigint, broken_event_id varchar, message text,
  kind text, severity text, first_sequence bigint, last_sequence bigint,
  expected text, found text, columns text[])
LANGUAGE plpgsql STABLE SECURITY INVOKER AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH marked AS MATERIALIZED (
    SELECT * FROM (
      SELECT read.*,
        lag(seq) OVER chain AS p_seq, lag(event_hash) OVER chain AS p_hash, lag(ts) OVER chain AS p_ts,
        lag(version) OVER chain AS p_version, lag(version, 2) OVER chain AS pp_version,
        lag(seal) OVER chain AS p_seal
      FROM (
        SELECT l.sequence_number AS seq, l.id AS row_id, l.event_id, l.timestamp AS ts, l.hash_version AS version,
          l.previous_hash, l.event_hash,
          CASE WHEN l.sequence_number = ANY (p_unreadable) THEN '?'
               ELSE audit.verify_seal(l, p_likely) END AS seal,
          CASE WHEN l.erased_parts IS NOT NULL AND l.sequence_number <> ALL (p_unreadable)
               THEN audit.verify_remains(l) END AS remains
        FROM audit.logs AS l
        WHERE l.tenant_id = p_tenant_id AND l.sequence_number IS NOT NULL
        OFFSET 0 -- keeps the hashes below the window, where the workers are
      ) AS read
      WINDOW chain AS (ORDER BY seq, row_id)) AS walked
    WHERE p_seq IS NULL
       OR CASE WHEN seq > p_seq THEN seq - 1 > p_seq ELSE true END
       OR previous_hash IS DISTINCT FROM p_hash
       OR (seal IS NOT NULL AND seal !~ '^[+-]')
       OR seal IS DISTINCT FROM p_seal
       OR version IS DISTINCT FROM p_version
       OR version IS DISTINCT FROM pp_version AND version = 1
       OR (version IN (1, 2)) IS NOT TRUE
       OR ts < p_ts
       OR remains IS NOT NULL
  ),
  typed AS ( -- a lost event is not judged, and its successor as if nothing were known of it but its place
    SELECT marked.*,
      coalesce(seal = '?', false) AS lost, coalesce(p_seal = '?', false) AS p_lost,
      CASE WHEN p_version IN (1, 2) AND p_seal IS DISTINCT FROM '?' THEN p_version END AS p_known,
      coalesce(event_hash ~ '^[0-9a-f]{64}$', false) AS is_hash
    FROM marked
  ),
  aged AS (
    SELECT typed.*,
      (version IN (1, 2) AND version >= coalesce(p_known, version)) IS NOT TRUE AND NOT lost AS fallen
    FROM typed
  ),
  judged AS MATERIALIZED (
    SELECT aged.*,
      seal IS NOT NULL AND NOT is_hash AND NOT lost AS malformed,
      seal IS NOT NULL AND is_hash AND NOT fallen AND NOT lost AND seal !~ '^[+-]' AS misfit,
      CASE WHEN is_hash AND NOT fallen AND seal ~ '^[+-]' THEN seal END AS zone,
      CASE
        WHEN lost THEN NULL
        WHEN p_seq IS NULL THEN
          CASE WHEN (seq = 1 AND previous_hash IS NULL)
                 OR audit.verify_boundary(p_tenant_id, seq, previous_hash, p_unreadable)
               THEN NULL ELSE 'genesis_mismatch' END
        WHEN seq = p_seq THEN 'duplicate_sequence'
        WHEN seq - 1 > p_seq THEN 'sequence_gap'
        WHEN previous_hash IS DISTINCT FROM p_hash AND p_hash ~ '^[0-9a-f]{64}$' AND NOT p_lost
        THEN 'link_mismatch'
      END AS place,
      coalesce(p_known::text, '1 or 2') AS versions_due
    FROM aged
  ),
  groups AS MATERIALIZED (SELECT * FROM audit.verify_groups(p_tenant_id, p_unreadable)),
  covered AS ( -- what may be erased, by part and (identity) by what the columns must hold afterwards
    SELECT part, CASE part WHEN 'identity' THEN holder ELSE '' END AS holder,
      range_agg(span * numrange(NULL, groups.sequence)) AS ranges
    FROM groups, unnest(groups.parts) AS part, unnest(groups.ranges) AS span
    GROUP BY 1, 2
  ),
  offending AS (
    SELECT judged.seq, judged.row_id, judged.event_id, array_agg(mark.part ORDER BY mark.place) AS parts
    FROM judged
      CROSS JOIN LATERAL jsonb_each(remains -> 'parts') WITH ORDINALITY AS mark (part, fits, place)
      LEFT JOIN covered ON covered.part = mark.part
        AND covered.holder = CASE mark.part WHEN 'identity' THEN remains ->> 'holder' ELSE '' END
    WHERE mark.fits = 'false' OR coalesce(covered.ranges @> judged.seq::numeric, false) IS NOT TRUE
    GROUP BY 1, 2, 3
  ),
  tampered AS (
    SELECT seq FROM judged WHERE malformed OR misfit OR fallen OR lost OR place IS NOT NULL
    UNION SELECT seq FROM offending
  ),
  floor AS ( -- through where an accepted boundary answers for what is missing
    SELECT coalesce(max(seq) FILTER (WHERE seq > 1 AND place IS NULL AND NOT lost), 1) - 1 AS sequence
    FROM judged WHERE p_seq IS NULL
  ),
  erased AS ( -- the sequences that lack a part, sorted, for counting by binary search
    SELECT part, array_agg(seq ORDER BY seq) AS sequences
    FROM (SELECT DISTINCT ON (seq) seq, remains FROM judged WHERE remains IS NOT NULL ORDER BY seq, row_id) AS first,
      LATERAL jsonb_object_keys(remains -> 'parts') AS part
    GROUP BY part
  ),
  incomplete AS (
    SELECT DISTINCT ON (sequence) sequence, event_id
    FROM (
      SELECT g.sequence, g.id, g.event_id, g.number,
        sum(upper(span) - low + 1) AS named,
        sum(CASE WHEN erased.sequences IS NULL THEN 0
                 ELSE width_bucket(least(upper(span), 9223372036854775807)::bigint, erased.sequences)
                      - width_bucket(least(low - 1, 9223372036854775807)::bigint, erased.sequences) END) AS gone
      FROM groups AS g CROSS JOIN unnest(g.parts) AS part CROSS JOIN unnest(g.ranges) AS span CROSS JOIN floor
        CROSS JOIN LATERAL (SELECT greatest(lower(span), floor.sequence + 1) AS low) AS clipped
        LEFT JOIN erased ON erased.part = part.part
      WHERE low <= upper(span)
      GROUP BY g.sequence, g.id, g.event_id, g.number, part.part) AS counted
    WHERE gone < named
    ORDER BY sequence, id, number
  ),
  turns AS ( -- where a run of version 1 events, or of one zone, may begin or end
    SELECT 'uncovered_columns' AS kind, seq, row_id, event_id, p_seq,
      CASE WHEN version = 1 AND NOT lost THEN '1' END AS state
    FROM judged
    WHERE version IS DISTINCT FROM p_version OR p_seq IS NULL OR place = 'sequence_gap' OR lost OR p_lost
    UNION ALL
    SELECT 'foreign_zone', seq, row_id, event_id, p_seq, zone
    FROM judged
    WHERE place = 'sequence_gap' OR zone IS DISTINCT FROM
      CASE WHEN p_seal ~ '^[+-]' AND pp_version IS DISTINCT FROM 2 THEN p_seal END
  ),
  runs AS (
    SELECT kind, seq, event_id, state,
      coalesce(lead(p_seq) OVER (PARTITION BY kind ORDER BY seq, row_id), (
        SELECT max(l.sequence_number) FROM audit.logs AS l WHERE l.tenant_id = p_tenant_id)) AS last
    FROM turns
  ),
  findings (kind, first, last, event_id, message, expected, found, columns) AS (
    SELECT 'content_mismatch', seq, seq, event_id,
      format('Event %s was changed after it was sealed: ', seq)
        || CASE seal WHEN '' THEN 'its salts, time or erasure marks are not of a form that can be sealed.'
                     ELSE 'its columns no longer give its hash.' END,
      nullif(seal, ''), event_hash::text, ARRAY[]::text[]
    FROM judged WHERE misfit
    UNION ALL
    SELECT 'malformed_hash', seq, seq, event_id,
      format('The hash of event %s %s, so nothing vouches for its content.', seq,
        CASE WHEN event_hash IS NULL THEN 'is NULL' ELSE 'is not 64 lower-case hex digits' END),
      '64 lower-case hex digits', event_hash, '{}'
    FROM judged WHERE malformed
    UNION ALL
    SELECT 'version_downgrade', seq, seq, event_id,
      format('Event %s claims seal version %s where %s is due: versions never go back.', seq,
        coalesce(version::text, 'NULL'), versions_due),
      versions_due, version::text, '{hash_version}'
    FROM judged WHERE fallen
    UNION ALL
    SELECT place, CASE place WHEN 'sequence_gap' THEN p_seq + 1 ELSE seq END,
      CASE place WHEN 'sequence_gap' THEN seq - 1 ELSE seq END, event_id,
      CASE place
        WHEN 'genesis_mismatch' THEN
          format('The chain begins at event %s as if something came before, and no archive boundary explains it.', seq)
        WHEN 'duplicate_sequence' THEN format('Sequence %s occurs more than once.', seq)
        WHEN 'sequence_gap' THEN format('Events %s to %s are missing.', p_seq + 1, seq - 1)
        ELSE format('Event %s names a predecessor that is no longer there: event %s has another hash now.', seq, p_seq)
      END,
      CASE place WHEN 'link_mismatch' THEN p_hash END,
      CASE WHEN place IN ('link_mismatch', 'genesis_mismatch') THEN previous_hash END,
      CASE place WHEN 'link_mismatch' THEN ARRAY['previous_hash'] ELSE '{}' END
    FROM judged WHERE place IS NOT NULL
    UNION ALL
    SELECT 'unreadable_event', seq, seq, event_id,
      format('The server could not deliver event %s; the rest of the chain was checked.', seq), NULL, NULL, '{}'
    FROM judged WHERE lost
    UNION ALL
    SELECT 'unauthorised_erasure', seq, seq, event_id,
      format('The %s of event %s went without an intact audit.erased event that records it as it is now.',
             array_to_string(parts, ' and '), seq),
      NULL, NULL, (
        SELECT array_agg(c ORDER BY place, number)
        FROM unnest(parts) WITH ORDINALITY AS gone (part, place), unnest(CASE part
          WHEN 'identity' THEN ARRAY['actor_id', 'actor_email', 'actor_ip_address', 'session_id', 'user_agent']
          WHEN 'changes' THEN ARRAY['changes']
          WHEN 'snapshots' THEN ARRAY['resource_before', 'resource_after']
          ELSE ARRAY['metadata', 'endpoint'] END) WITH ORDINALITY AS held (c, number))
    FROM offending
    UNION ALL
    SELECT 'erasure_incomplete', sequence, sequence, event_id,
      format('Event %s records an erasure that is not, or not wholly, there.', sequence), NULL, NULL, '{}'
    FROM incomplete
    UNION ALL
    SELECT 'time_disorder', seq, seq, event_id,
      format('Event %s carries an earlier time than event %s.', seq, p_seq),
      audit.verify_time(p_ts AT TIME ZONE 'UTC', ' ') || '+00', audit.verify_time(ts AT TIME ZONE 'UTC', ' ') || '+00',
      '{timestamp}'
    FROM judged
    WHERE ts < p_ts AND seq NOT IN (SELECT seq FROM tampered) AND p_seq NOT IN (SELECT seq FROM tampered)
    UNION ALL
    SELECT kind, seq, last, event_id,
      CASE kind WHEN 'foreign_zone' THEN format('Sealed by a session at UTC%s; the hash fits in that zone.', state)
                ELSE 'Version 1 seals: 11 columns are outside the hash and nothing proves them.' END,
      CASE kind WHEN 'foreign_zone' THEN '+00:00' END, CASE kind WHEN 'foreign_zone' THEN state END,
      CASE kind WHEN 'foreign_zone' THEN ARRAY['timestamp'] ELSE ARRAY['actor_type', 'actor_email',
        'actor_ip_address', 'endpoint', 'http_method', 'resource_before', 'resource_after', 'request_id',
        'session_id', 'user_agent', 'metadata'] END
    FROM runs WHERE state IS NOT NULL
  ),
  weighed AS (
    SELECT f.*,
      CASE WHEN f.kind = 'erasure_incomplete' THEN 'suspicious'
           WHEN f.kind = 'unreadable_event' THEN 'inconclusive'
           WHEN f.kind IN ('time_disorder', 'foreign_zone', 'uncovered_columns') THEN 'notice'
           ELSE 'tampered' END AS severity,
      row_number() OVER (PARTITION BY f.kind ORDER BY f.first, f.last, f.event_id COLLATE "C") AS number
    FROM findings AS f
  ),
  verdict AS (
    SELECT CASE WHEN EXISTS (SELECT FROM weighed WHERE weighed.severity = 'tampered') THEN false
                WHEN EXISTS (SELECT FROM judged) AND p_unreadable = '{}' THEN true END AS is_valid
  )
  SELECT v.is_valid, w.first, w.event_id,
    coalesce(w.message, CASE WHEN v.is_valid THEN 'Audit chain is valid - no tampering detected'
                             ELSE 'This tenant has no events: nothing can be said' END),
    w.kind, w.severity, w.first, w.last, w.expected, w.found, w.columns
  FROM verdict AS v LEFT JOIN weighed AS w ON w.number <= 1000 -- per kind: the rest would say the same
  ORDER BY w.first, w.last, w.kind COLLATE "C", w.event_id COLLATE "C";
END
$$;

COMMENT ON FUNCTION audit.verify_findings(varchar, integer[], bigint[]) IS
  'What audit.verify_chain returns, given UTC offsets to try first and sequences that cannot be read';
-- file: 0070_erasure_rules.sql
-- What an erasure is: the groups that a covering event names, and the one step that may happen to a row.

-- Never raises: hostile metadata says nothing. Integers of at most 19 digits are compared as numeric.
CREATE OR REPLACE FUNCTION audit.is_erasure_group(p_group jsonb)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  sequences jsonb := p_group -> 'sequences';
  parts jsonb := p_group -> 'parts';
  list_form constant text := '^[[]([[][0-9]{1,19}, [0-9]{1,19}[]](, )?)+[]]$';
BEGIN
  IF jsonb_typeof(p_group) IS DISTINCT FROM 'object' OR jsonb_typeof(sequences) IS DISTINCT FROM 'array'
     OR jsonb_typeof(parts) IS DISTINCT FROM 'array'
     OR coalesce(jsonb_typeof(p_group -> 'actor_id'), 'null') NOT IN ('null', 'string')
     OR coalesce(jsonb_typeof(p_group -> 'actor_email'), 'null') NOT IN ('null', 'string') THEN
    RETURN false;
  END IF;
  IF jsonb_array_length(sequences) NOT BETWEEN 1 AND 1000 OR jsonb_array_length(parts) NOT BETWEEN 1 AND 4
     OR EXISTS (SELECT FROM jsonb_array_elements(parts) p
                WHERE jsonb_typeof(p) <> 'string' OR audit.part_slice(p #>> '{}') IS NULL)
     OR (SELECT count(DISTINCT p) FROM jsonb_array_elements(parts) p) <> jsonb_array_length(parts) THEN
    RETURN false;
  END IF;
  IF NOT parts ? 'identity' AND coalesce(p_group ->> 'actor_id', p_group ->> 'actor_email') IS NOT NULL THEN
    RETURN false;
  END IF;
  -- jsonb prints one way only, so the list's text tells at once that it holds pairs of plain integers.
  RETURN sequences::text ~ list_form AND NOT EXISTS (
    SELECT FROM jsonb_array_elements(CASE WHEN sequences::text ~ list_form THEN sequences ELSE '[]' END) r
    WHERE (r ->> 0)::numeric > (r ->> 1)::numeric);
END
$$;
COMMENT ON FUNCTION audit.is_erasure_group(jsonb) IS
  'Whether this is a well-formed entry of an audit.erased event''s "erased" list; a malformed one covers nothing';

CREATE OR REPLACE FUNCTION audit.names_erasure(
  p_metadata jsonb, p_sequence_number bigint, p_part text, p_actor_id text, p_actor_email text)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  the_group jsonb;
BEGIN
  IF jsonb_typeof(p_metadata -> 'erased') IS DISTINCT FROM 'array' THEN
    RETURN false;
  END IF;
  FOR the_group IN SELECT jsonb_array_elements(p_metadata -> 'erased') LOOP
    CONTINUE WHEN NOT audit.is_erasure_group(the_group) OR NOT the_group -> 'parts' ? p_part;
    CONTINUE WHEN p_part = 'identity' AND ((the_group ->> 'actor_id') IS DISTINCT FROM p_actor_id
                                           OR (the_group ->> 'actor_email') IS DISTINCT FROM p_actor_email);
    IF EXISTS (SELECT FROM jsonb_array_elements(the_group -> 'sequences') r
               WHERE p_sequence_number BETWEEN (r ->> 0)::numeric AND (r ->> 1)::numeric) THEN
      RETURN true;
    END IF;
  END LOOP;
  RETURN false;
END
$$;
COMMENT ON FUNCTION audit.names_erasure(jsonb, bigint, text, text, text) IS
  'Whether an audit.erased event''s metadata names this sequence and part, leaving this actor_id and actor_email';

-- Version 1 seals actor_id and changes: these stay, and nothing was salted, so nothing is recorded but the fact.
CREATE OR REPLACE FUNCTION audit.holds_part(p_event audit.logs, p_part text)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN (p_event).erased_parts IS NOT NULL AND (p_event).erased_parts OPERATOR(pg_catalog.?) p_part THEN false
    WHEN (p_event).hash_version OPERATOR(pg_catalog.=) 1 AND p_part OPERATOR(pg_catalog.=) 'changes' THEN false
    WHEN (p_event).hash_version OPERATOR(pg_catalog.=) 1 AND p_part OPERATOR(pg_catalog.=) 'identity' THEN
      (p_event).actor_email IS NOT NULL OR (p_event).actor_ip_address IS NOT NULL
      OR (p_event).session_id IS NOT NULL OR (p_event).user_agent IS NOT NULL
    ELSE audit.part_text(p_event, p_part) IS NOT NULL END
$$;
COMMENT ON FUNCTION audit.holds_part(audit.logs, text) IS
  'Whether there is something in this part of the event that an erasure could remove';

CREATE OR REPLACE FUNCTION audit.erasure_marks(p_event audit.logs, p_parts text[])
RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT COALESCE((p_event).erased_parts, '{}') OPERATOR(pg_catalog.||) pg_catalog.jsonb_object_agg(part, CASE
      WHEN (p_event).hash_version OPERATOR(pg_catalog.=) 1 THEN 'unsealed'
      ELSE audit.part_digest((p_event).part_salts, audit.part_slice(part), audit.part_text(p_event, part)) END)
  FROM pg_catalog.unnest(p_parts) AS p(part)
$$;
COMMENT ON FUNCTION audit.erasure_marks(audit.logs, text[]) IS
  'erased_parts as it is once these parts of the event are erased';

CREATE OR REPLACE FUNCTION audit.erasure_salts(p_salts bytea, p_parts text[])
RETURNS bytea LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  zeros constant bytea := decode(repeat('00', 16), 'hex');
  part text;
BEGIN
  FOREACH part IN ARRAY p_parts LOOP
    p_salts := overlay(p_salts PLACING zeros FROM audit.part_slice(part) * 16 + 1 FOR 16);
  END LOOP;
  RETURN p_salts;
END
$$;
COMMENT ON FUNCTION audit.erasure_salts(bytea, text[]) IS
  'part_salts as they are once these parts are erased: their slices overwritten with zeros';
-- file: 0072_update_trigger.sql
-- UPDATE is refused for everyone, unless old row, new row and chain prove an erasure: no flag, role or
-- setting authorises one.

-- Values are compared as the text that is sealed: jsonb calls 1.10 and 1.1 equal, the seal does not.
CREATE OR REPLACE FUNCTION audit.erasure_step_problem(p_old audit.logs, p_new audit.logs, p_step text[])
RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  part text;
BEGIN
  IF (p_old.id, p_old.tenant_id, p_old.sequence_number, p_old.event_id, p_old.timestamp, p_old.event_type,
      p_old.actor_type, p_old.resource_type, p_old.resource_id, p_old.http_method, p_old.request_id,
      p_old.previous_hash, p_old.event_hash, p_old.hash_version)
     IS DISTINCT FROM
     (p_new.id, p_new.tenant_id, p_new.sequence_number, p_new.event_id, p_new.timestamp, p_new.event_type,
      p_new.actor_type, p_new.resource_type, p_new.resource_id, p_new.http_method, p_new.request_id,
      p_new.previous_hash, p_new.event_hash, p_new.hash_version) THEN
    RETURN 'only columns of an erased part may change';
  ELSIF lower(p_old.event_type COLLATE "C") LIKE 'audit.%' THEN
    RETURN 'an audit.* event can never be erased';
  ELSIF NOT audit.event_verifies(p_old) THEN
    RETURN 'it does not verify, erasing it would destroy evidence';
  END IF;
  FOREACH part IN ARRAY ARRAY['identity', 'changes', 'snapshots', 'details'] LOOP
    IF part <> ALL (p_step) THEN
      IF audit.part_text(p_new, part) IS DISTINCT FROM audit.part_text(p_old, part) THEN
        RETURN format('part %s changes without being erased', part);
      END IF;
    ELSIF NOT audit.holds_part(p_old, part) THEN
      RETURN format('part %s holds nothing that could be erased', part);
    ELSIF part <> 'identity' AND audit.part_text(p_new, part) IS NOT NULL THEN
      RETURN format('part %s is not empty afterwards', part);
    ELSIF part = 'identity' AND (p_new.actor_id IS NULL OR p_new.actor_ip_address IS NOT NULL
                                 OR p_new.session_id IS NOT NULL OR p_new.user_agent IS NOT NULL) THEN
      RETURN 'part identity keeps more than actor_id and actor_email, or no actor_id';
    ELSIF part = 'identity' AND p_old.hash_version = 1 AND p_new.actor_id <> p_old.actor_id THEN
      RETURN 'a version 1 event''s actor_id is in its hash and has to stay';
    END IF;
  END LOOP;
  IF p_new.part_salts IS DISTINCT FROM audit.erasure_salts(p_old.part_salts, p_step) THEN
    RETURN 'the salts are not the old ones with those of the erased parts overwritten by zeros';
  ELSIF p_new.erased_parts IS DISTINCT FROM audit.erasure_marks(p_old, p_step) THEN
    RETURN 'erased_parts does not record the digests of what is erased';
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION audit.erasure_step_problem(audit.logs, audit.logs, text[]) IS
  'Why this change of a row is not exactly the erasure of these parts, as a sentence; NULL where it is';

CREATE OR REPLACE FUNCTION audit.refuse_update() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  step text[];
  uncovered text[];
  cover audit.logs;
  problem text;
BEGIN
  IF jsonb_typeof(NEW.erased_parts) = 'object' THEN
    SELECT array_agg(part) INTO step FROM jsonb_object_keys(NEW.erased_parts) AS k(part)
      WHERE audit.part_slice(part) IS NOT NULL AND (OLD.erased_parts IS NULL OR NOT OLD.erased_parts ? part);
  END IF;
  IF step IS NULL THEN
    RAISE EXCEPTION 'Audit logs are immutable. UPDATE is not allowed.' USING ERRCODE = 'restrict_violation';
  END IF;
  problem := audit.erasure_step_problem(OLD, NEW, step);
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION 'Audit logs are immutable. Event % is not erased: %.', OLD.sequence_number, problem
      USING ERRCODE = 'restrict_violation';
  END IF;

  -- Newest first: the event that this erasure has just written.
  uncovered := step;
  FOR cover IN
    SELECT l.* FROM audit.logs l
    WHERE l.tenant_id = OLD.tenant_id AND l.event_type = 'audit.erased' AND l.sequence_number > OLD.sequence_number
    ORDER BY l.sequence_number DESC
  LOOP
    SELECT array_agg(part) INTO uncovered FROM unnest(uncovered) AS u(part)
      WHERE NOT audit.names_erasure(cover.metadata, OLD.sequence_number, part, NEW.actor_id, NEW.actor_email)
         OR NOT audit.carries_authority(cover);
    EXIT WHEN uncovered IS NULL;
  END LOOP;
  IF uncovered IS NOT NULL THEN
    RAISE EXCEPTION 'Audit logs are immutable. Event % is not erased: no later audit.erased event of its tenant names it so.',
      OLD.sequence_number USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION audit.refuse_update() IS
  'Trigger: refuses every UPDATE that is not, by old row, new row and chain, an erasure';

CREATE OR REPLACE TRIGGER logs_90_refuse_update BEFORE UPDATE ON audit.logs
  FOR EACH ROW EXECUTE FUNCTION audit.refuse_update();
ALTER TABLE audit.logs ENABLE ALWAYS TRIGGER logs_90_refuse_update;
COMMENT ON TRIGGER logs_90_refuse_update ON audit.logs IS
  'UPDATE is refused, also under session_replication_role = replica, unless it is proven to be an erasure';
-- file: 0073_erase_group.sql
-- The work of audit.erase: the form of the list, and one group of events at a time.

CREATE OR REPLACE FUNCTION audit.erased_list_problem(p_erased jsonb)
RETURNS text LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  the_group jsonb;
  keys constant text[] := ARRAY['sequences', 'parts', 'actor_id', 'actor_email'];
  ranges bigint := 0;
BEGIN
  IF jsonb_typeof(p_erased) IS DISTINCT FROM 'array' OR p_erased = '[]' THEN
    RETURN 'what to erase must be a non-empty JSON array of groups';
  END IF;
  FOR the_group IN SELECT jsonb_array_elements(p_erased) LOOP
    IF NOT audit.is_erasure_group(the_group) OR the_group - keys <> '{}' THEN
      RETURN 'a group is {"sequences": [[first, last], ...], "parts": [...], "actor_id": ..., "actor_email": ...}, '
             'at most 1,000 ranges, no part twice, actor_id and actor_email only with identity';
    ELSIF the_group -> 'parts' ? 'identity' AND coalesce(the_group ->> 'actor_id', '') = '' THEN
      RETURN 'with part identity the group says which actor_id its events keep; it cannot be NULL or empty';
    ELSIF length(the_group ->> 'actor_id') > 50 OR length(the_group ->> 'actor_email') > 255 THEN
      RETURN 'actor_id has at most 50 characters, actor_email 255';
    ELSIF EXISTS (
      SELECT FROM (SELECT (r ->> 0)::numeric AS lo, lag((r ->> 1)::numeric) OVER (ORDER BY (r ->> 0)::numeric) AS before
                   FROM jsonb_array_elements(the_group -> 'sequences') r) o
      WHERE o.lo <= o.before) THEN
      RETURN 'ranges of a group overlap';
    END IF;
    ranges := ranges + jsonb_array_length(the_group -> 'sequences');
  END LOOP;
  RETURN CASE WHEN ranges > 1000 THEN 'at most 1,000 ranges in one erasure: split it into batches' END;
END
$$;
COMMENT ON FUNCTION audit.erased_list_problem(jsonb) IS
  'What is wrong with the form of a list of groups to erase, as a sentence; NULL when nothing is';

CREATE OR REPLACE FUNCTION audit.erase_group(p_tenant_id varchar, p_group jsonb)
RETURNS void LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  parts text[] := ARRAY(SELECT jsonb_array_elements_text(p_group -> 'parts'));
  identity boolean := p_group -> 'parts' ? 'identity';
  -- The newest event is the covering one, and this transaction holds the chain.
  head bigint := (SELECT l.sequence_number - 1 FROM audit.logs l WHERE l.tenant_id = p_tenant_id
                  ORDER BY l.sequence_number DESC LIMIT 1);
  missing text;
  twice bigint;
BEGIN
  -- What does not exist is found by the head and by counting, before a range of billions is walked.
  SELECT min(f.lo)::text INTO missing FROM (
    SELECT (r ->> 0)::numeric AS lo, (r ->> 1)::numeric AS hi FROM jsonb_array_elements(p_group -> 'sequences') r) f
  WHERE f.hi > head OR f.hi - f.lo + 1 <> (
    SELECT count(*) FROM audit.logs l
    WHERE f.hi <= head AND l.tenant_id = p_tenant_id
      AND l.sequence_number BETWEEN least(f.lo, head)::bigint AND least(f.hi, head)::bigint);
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION 'cannot erase: the range from % names a sequence that does not exist', missing
      USING ERRCODE = 'invalid_parameter_value';
  END IF;

  SELECT min(l.sequence_number) INTO twice
    FROM (SELECT (r ->> 0)::bigint AS lo, (r ->> 1)::bigint AS hi FROM jsonb_array_elements(p_group -> 'sequences') r) f
    JOIN audit.logs l ON l.tenant_id = p_tenant_id AND l.sequence_number BETWEEN f.lo AND f.hi
    WHERE l.erased_parts ?| parts;
  IF twice IS NOT NULL THEN
    RAISE EXCEPTION 'cannot erase: a part of event % is already erased', twice USING ERRCODE = 'invalid_parameter_value';
  END IF;

  UPDATE audit.logs l SET
    actor_id         = CASE WHEN identity THEN p_group ->> 'actor_id' ELSE l.actor_id END,
    actor_email      = CASE WHEN identity THEN p_group ->> 'actor_email' ELSE l.actor_email END,
    actor_ip_address = CASE WHEN NOT identity THEN l.actor_ip_address END,
    session_id       = CASE WHEN NOT identity THEN l.session_id END,
    user_agent       = CASE WHEN NOT identity THEN l.user_agent END,
    changes          = CASE WHEN 'changes' <> ALL (parts) THEN l.changes END,
    resource_before  = CASE WHEN 'snapshots' <> ALL (parts) THEN l.resource_before END,
    resource_after   = CASE WHEN 'snapshots' <> ALL (parts) THEN l.resource_after END,
    metadata         = CASE WHEN 'details' <> ALL (parts) THEN l.metadata END,
    endpoint         = CASE WHEN 'details' <> ALL (parts) THEN l.endpoint END,
    part_salts       = audit.erasure_salts(l.part_salts, parts),
    erased_parts     = audit.erasure_marks(l, parts)
  FROM (SELECT (r ->> 0)::bigint AS lo, (r ->> 1)::bigint AS hi FROM jsonb_array_elements(p_group -> 'sequences') r) f
  WHERE l.tenant_id = p_tenant_id AND l.sequence_number BETWEEN f.lo AND f.hi;
END
$$;
COMMENT ON FUNCTION audit.erase_group(varchar, jsonb) IS
  'Erases one group of events; only within audit.erase, whose covering event the update trigger wants to see';
-- file: 0074_erase.sql
-- Approving and applying erasures (GDPR). Both functions lend the owner's rights to write one fixed event type
-- each; who called is the login (session_user), which SET ROLE does not change.

CREATE OR REPLACE FUNCTION audit.erasure_grounds_problem(p_tenant_id varchar, p_plan text, p_reason text,
                                                         p_legal_basis text, p_requester text)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN p_reason IS NULL OR p_reason !~ '[^[:space:]]' THEN 'a reason is required'
    WHEN p_legal_basis IS NULL OR p_legal_basis !~ '[^[:space:]]' THEN 'a legal basis is required'
    WHEN p_requester IS NULL OR p_requester !~ '[^[:space:]]' THEN 'a requester is required'
    WHEN p_plan !~ '^[0-9a-f]{64}$' THEN 'the plan is named by its SHA-256: 64 lower-case hex digits'
    WHEN NOT EXISTS (SELECT FROM audit.logs l WHERE l.tenant_id = p_tenant_id)
      THEN 'there are no events of that tenant' END
$$;
COMMENT ON FUNCTION audit.erasure_grounds_problem(varchar, text, text, text, text) IS
  'What is missing to approve or apply an erasure, as a sentence; NULL when nothing is';

CREATE OR REPLACE FUNCTION audit.write_erasure_event(
  p_tenant_id varchar, p_event_type varchar, p_plan text, p_metadata jsonb)
RETURNS varchar LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  own_id varchar := 'evt_' || replace(gen_random_uuid()::text, '-', '');
BEGIN
  INSERT INTO audit.logs (event_id, event_type, tenant_id, actor_type, actor_id, actor_ip_address,
                          resource_type, resource_id, metadata)
  VALUES (own_id, p_event_type, p_tenant_id, 'database_login', left(session_user, 50), inet_client_addr(),
          'audit_erasure', coalesce(left(p_plan, 50), own_id), p_metadata);
  RETURN own_id;
END
$$;
COMMENT ON FUNCTION audit.write_erasure_event(varchar, varchar, text, jsonb) IS
  'Logs an event about an erasure; the caller''s own rights decide, so only the owner role gets anywhere';

CREATE OR REPLACE FUNCTION audit.approve_erasure(
  p_tenant_id varchar, p_plan text, p_reason text, p_legal_basis text, p_requester text)
RETURNS varchar LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  problem text := CASE WHEN p_plan IS NULL THEN 'a plan is required'
    ELSE audit.erasure_grounds_problem(p_tenant_id, p_plan, p_reason, p_legal_basis, p_requester) END;
BEGIN
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION 'cannot approve: %', problem USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN audit.write_erasure_event(p_tenant_id, 'audit.erasure_approved', p_plan, jsonb_build_object(
    'plan', p_plan, 'reason', p_reason, 'legal_basis', p_legal_basis, 'requester', p_requester,
    'approver', session_user));
END
$$;
COMMENT ON FUNCTION audit.approve_erasure(varchar, text, text, text, text) IS
  'Records that this login approves an erasure plan (its SHA-256) for a tenant; returns the event_id. '
  'Someone else applies it';

CREATE OR REPLACE FUNCTION audit.erasure_approver(p_tenant_id varchar, p_plan text)
RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT l.metadata ->> 'approver' FROM audit.logs l
  WHERE l.tenant_id = p_tenant_id AND l.event_type = 'audit.erasure_approved'
    AND l.metadata ->> 'plan' = p_plan AND l.metadata ->> 'approver' <> session_user AND audit.carries_authority(l)
  ORDER BY l.sequence_number DESC LIMIT 1
$$;
COMMENT ON FUNCTION audit.erasure_approver(varchar, text) IS
  'The login, other than the caller''s, that approved this plan for the tenant last; NULL where there is none';

-- In this order: grounds, form and approval; the covering event (which takes the chain's lock until the end of
-- the transaction); then each group. The update trigger proves every row again, whoever calls.
CREATE OR REPLACE FUNCTION audit.erase(
  p_tenant_id varchar, p_erased jsonb, p_reason text, p_legal_basis text, p_requester text,
  p_plan text DEFAULT NULL, p_single_operator boolean DEFAULT false)
RETURNS varchar LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  approver text;
  normal jsonb;
  covering varchar;
  the_group jsonb;
  problem text := coalesce(
    audit.erasure_grounds_problem(p_tenant_id, p_plan, p_reason, p_legal_basis, p_requester),
    audit.erased_list_problem(p_erased));
BEGIN
  IF problem IS NULL AND p_single_operator IS NOT TRUE THEN
    approver := audit.erasure_approver(p_tenant_id, p_plan);
    problem := CASE WHEN p_plan IS NULL THEN 'a plan that someone else approved is required'
      WHEN approver IS NULL THEN 'no other login has approved this plan for this tenant' END;
  END IF;
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION 'cannot erase: %', problem USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT jsonb_agg(jsonb_build_object('sequences', g -> 'sequences', 'parts', g -> 'parts',
                                      'actor_id', g -> 'actor_id', 'actor_email', g -> 'actor_email') ORDER BY n)
    INTO normal FROM jsonb_array_elements(p_erased) WITH ORDINALITY AS e(g, n);
  covering := audit.write_erasure_event(p_tenant_id, 'audit.erased', p_plan, jsonb_build_object(
      'erased', normal, 'plan', p_plan, 'reason', p_reason, 'legal_basis', p_legal_basis, 'requester', p_requester,
      'approver', approver)
    || CASE WHEN p_single_operator THEN '{"single_operator": true}' ELSE '{}' END::jsonb);
  FOR the_group IN SELECT jsonb_array_elements(normal) LOOP
    PERFORM audit.erase_group(p_tenant_id, the_group);
  END LOOP;
  RETURN covering;
END
$$;
COMMENT ON FUNCTION audit.erase(varchar, jsonb, text, text, text, text, boolean) IS
  'Erases parts of events as p_erased lists them (sequences, parts, actor_id, actor_email), after the covering '
  'audit.erased event whose event_id it returns. Wants a plan that another login approved, unless single operator';
-- file: 0080_delete_trigger.sql
-- DELETE is refused for everyone, unless the chain proves that a prefix of it was archived: an intact
-- audit.archived event of the tenant, committed before this transaction, with metadata first_sequence,
-- last_sequence and last_hash, names exactly what goes.

CREATE OR REPLACE FUNCTION audit.archived_through(p_metadata jsonb)
RETURNS numrange LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE
    WHEN jsonb_typeof(p_metadata) IS DISTINCT FROM 'object' THEN NULL
    WHEN jsonb_typeof(p_metadata -> 'first_sequence') IS DISTINCT FROM 'number'
      OR jsonb_typeof(p_metadata -> 'last_sequence') IS DISTINCT FROM 'number' THEN NULL
    WHEN (p_metadata ->> 'first_sequence') !~ '^[0-9]{1,19}$' OR (p_metadata ->> 'last_sequence') !~ '^[0-9]{1,19}$'
      THEN NULL
    WHEN (p_metadata ->> 'first_sequence')::numeric > (p_metadata ->> 'last_sequence')::numeric THEN NULL
    ELSE numrange((p_metadata ->> 'first_sequence')::numeric, (p_metadata ->> 'last_sequence')::numeric, '[]') END
$$;
COMMENT ON FUNCTION audit.archived_through(jsonb) IS
  'The sequences that an audit.archived event''s metadata names; NULL where it is malformed, never an error';

-- Per row, also where a partition is addressed by itself. It only asks whether some committed event covers the
-- row, and asks it inline: calling a function that pins its settings would triple the cost.
-- A row of this very transaction (or of a subtransaction) has an age of zero or less.
CREATE OR REPLACE FUNCTION audit.refuse_delete() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM FROM audit.logs a
    WHERE a.tenant_id = OLD.tenant_id AND a.event_type = 'audit.archived' AND a.sequence_number > OLD.sequence_number
      AND a.hash_version = 2 AND a.erased_parts IS NULL
      AND CASE WHEN jsonb_typeof(a.metadata -> 'first_sequence') = 'number'
                AND jsonb_typeof(a.metadata -> 'last_sequence') = 'number'
               THEN OLD.sequence_number BETWEEN (a.metadata ->> 'first_sequence')::numeric
                                            AND (a.metadata ->> 'last_sequence')::numeric END
      AND CASE WHEN age(a.xmin) > 0
               THEN pg_xact_status(greatest((pg_current_xact_id()::text)::numeric - age(a.xmin), 0)::text::xid8)
                    IS DISTINCT FROM 'in progress' END
    LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'Audit logs are immutable. DELETE is not allowed.' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN OLD;
END
$$;
COMMENT ON FUNCTION audit.refuse_delete() IS
  'Trigger: refuses to delete a row that no committed audit.archived event of its tenant names';

CREATE OR REPLACE FUNCTION audit.prove_removal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  gone record;
BEGIN
  FOR gone IN
    SELECT r.tenant_id, min(r.sequence_number) AS first, max(r.sequence_number) AS last, count(*) AS events,
           (array_agg(r.event_hash ORDER BY r.sequence_number DESC))[1] AS last_hash
    FROM removed r GROUP BY r.tenant_id
  LOOP
    IF gone.events <> gone.last - gone.first + 1
       OR EXISTS (SELECT FROM audit.logs l WHERE l.tenant_id = gone.tenant_id AND l.sequence_number <= gone.last)
       OR NOT EXISTS (SELECT FROM audit.logs l WHERE l.tenant_id = gone.tenant_id
                      AND l.sequence_number = gone.last + 1 AND l.previous_hash = gone.last_hash)
       OR NOT EXISTS (
         SELECT FROM audit.logs a
         WHERE a.tenant_id = gone.tenant_id AND a.event_type = 'audit.archived' AND a.sequence_number > gone.last
           AND audit.archived_through(a.metadata) = numrange(gone.first, gone.last, '[]')
           AND a.metadata ->> 'last_hash' = gone.last_hash AND audit.carries_authority(a)) THEN
      RAISE EXCEPTION 'Audit logs are immutable. DELETE of events % to % of tenant % is not the removal of an archived prefix.',
        gone.first, gone.last, gone.tenant_id USING ERRCODE = 'restrict_violation',
        HINT = 'one statement removes exactly first_sequence to last_sequence of one committed audit.archived event';
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION audit.prove_removal() IS
  'Trigger: what a DELETE removed must be exactly the prefix that an intact audit.archived event names';

CREATE OR REPLACE TRIGGER logs_90_refuse_delete BEFORE DELETE ON audit.logs
  FOR EACH ROW EXECUTE FUNCTION audit.refuse_delete();
CREATE OR REPLACE TRIGGER logs_91_prove_removal AFTER DELETE ON audit.logs REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION audit.prove_removal();
ALTER TABLE audit.logs ENABLE ALWAYS TRIGGER logs_90_refuse_delete;
ALTER TABLE audit.logs ENABLE ALWAYS TRIGGER logs_91_prove_removal;
COMMENT ON TRIGGER logs_90_refuse_delete ON audit.logs IS
  'DELETE is refused, also under session_replication_role = replica, unless an archive covers the row';
COMMENT ON TRIGGER logs_91_prove_removal ON audit.logs IS
  'DELETE is refused unless what went is exactly one archived prefix and the chain goes on behind it';
-- file: 0090_grants.sql
-- Who may do what: the guide's matrix, and nothing for PUBLIC. Runs last, so that every function above is
-- covered whichever file made it.

REVOKE ALL ON SCHEMA audit FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA audit FROM PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA audit FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA audit FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA audit
  FROM audit_reader, audit_writer, audit_admin, audit_eraser, audit_archivist;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA audit
  FROM audit_reader, audit_writer, audit_admin, audit_eraser, audit_archivist;

GRANT USAGE ON SCHEMA audit TO audit_reader, audit_writer, audit_admin, audit_eraser, audit_archivist;

-- Writers insert and read nothing, not even what they wrote.
-- (Known limit: PostgreSQL evaluates a view's CHECK OPTION over the sealed row without asking for SELECT, so a
-- writer who may create views can learn sequence, link and salts of an event that they log: the link is the
-- hash of the tenant's head before it. No right or trigger of a table prevents that; grant writers no CREATE.)
GRANT INSERT ON audit.logs TO audit_writer;
GRANT EXECUTE ON FUNCTION audit.log_event TO audit_writer;

-- Reading includes what a reader needs to check a seal with their own eyes.
GRANT SELECT ON audit.logs, audit.schema_info TO audit_reader, audit_admin, audit_eraser, audit_archivist;
GRANT EXECUTE ON FUNCTION audit.identity_text, audit.snapshots_text, audit.details_text, audit.part_digest,
  audit.occurred_us, audit.seal_v2, audit.part_slice, audit.part_text, audit.is_erased_parts,
  audit.sealed_hash_v2, audit.sealed_hash_v1, audit.event_verifies TO audit_reader, audit_admin, audit_eraser, audit_archivist;

GRANT EXECUTE ON FUNCTION audit.approve_erasure, audit.erase TO audit_eraser;

-- Verifying: verify_chain, and every function it may be built of (none that writes or lends rights).
DO $verify$
DECLARE
  the_function regprocedure;
BEGIN
  FOR the_function IN
    SELECT p.oid::regprocedure FROM pg_proc p
    WHERE p.pronamespace = to_regnamespace('audit')
      AND (p.proname = 'verify_chain'
           OR p.proname LIKE 'verify%' AND p.provolatile IN ('i', 's') AND NOT p.prosecdef AND p.prorettype <> 'trigger'::regtype)
  LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO audit_admin', the_function);
  END LOOP;
END
$verify$;
-- file: 0092_schema_info.sql
-- What was installed, by which tool. The log's own name is drawn once and stays.
DO $info$
BEGIN
  INSERT INTO audit.schema_info AS i (version, tool_version)
    VALUES (1, coalesce(nullif(current_setting('audit_install.tool_version', true), ''), 'psql'))
    ON CONFLICT (single) DO UPDATE SET version = EXCLUDED.version, tool_version = EXCLUDED.tool_version
    WHERE i.version <> EXCLUDED.version;
  PERFORM set_config('audit_install.wrote_info', CASE WHEN FOUND THEN 'yes' ELSE 'no' END, true);
END
$info$;
-- file: 0095_leave.sql
-- Back to whoever installs; a membership that 0020_roles.sql lent ends here.
RESET ROLE;

DO $leave$
BEGIN
  IF current_setting('audit_install.joined', true) = 'yes' THEN
    EXECUTE format('REVOKE audit_owner FROM %I', current_user);
    PERFORM set_config('audit_install.joined', 'no', true);
  END IF;
END
$leave$;
