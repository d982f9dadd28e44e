-- Who changes the schema: one sealed audit.ddl event in the tenant _audit for each command and object, written in
-- the transaction of the command itself. Where it cannot be written the command is refused (a superuser's is not), so
-- that nobody passes by renaming the table, or by a rule or trigger that swallows the event.
-- The event triggers and the functions that they call are made in 0094 (they need a superuser); those call what stands
-- here, and only as the owner. They see nothing of roles, databases
-- and event triggers, nor REASSIGN OWNED, and pass over COMMENT and REINDEX; a superuser can disable them. The owner
-- can drop these functions with all three triggers in one command: that is not recorded, but only a superuser can make
-- such triggers again.

-- The server does not tell which objects a GRANT was about. They are those whose catalogue row this transaction
-- wrote after the last event that it recorded.
CREATE OR REPLACE FUNCTION audit.ddl_privileges() RETURNS TABLE (object_type text, identity text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  home constant oid := to_regnamespace('audit');
  own  constant bigint := mod((pg_current_xact_id()::text)::numeric, 4294967296);
  last bigint; -- the command that wrote the last event of this transaction, if there is one
BEGIN
  SELECT (l.cmin::text)::bigint INTO last FROM (
    SELECT n.xmin, n.cmin FROM audit.logs n WHERE n.tenant_id = '_audit' ORDER BY n.sequence_number DESC LIMIT 1) l
    WHERE audit.is_of_this_transaction(l.xmin);
  RETURN QUERY
    SELECT i.type, i.identity
    FROM (
      SELECT 'pg_class'::regclass, c.oid, 0, c.xmin, c.cmin FROM pg_class c WHERE c.relnamespace = home
      UNION ALL SELECT 'pg_class'::regclass, c.oid, a.attnum, a.xmin, a.cmin
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = home AND a.attnum > 0 AND NOT a.attisdropped
      UNION ALL SELECT 'pg_proc'::regclass, p.oid, 0, p.xmin, p.cmin FROM pg_proc p WHERE p.pronamespace = home
      UNION ALL SELECT 'pg_type'::regclass, t.oid, 0, t.xmin, t.cmin FROM pg_type t WHERE t.typnamespace = home
      UNION ALL SELECT 'pg_namespace'::regclass, n.oid, 0, n.xmin, n.cmin FROM pg_namespace n WHERE n.oid = home
      UNION ALL SELECT 'pg_default_acl'::regclass, d.oid, 0, d.xmin, d.cmin FROM pg_default_acl d
        WHERE d.defaclnamespace = home OR d.defaclrole = to_regrole('audit_owner')
    ) AS w (classid, objid, subid, mine, command) CROSS JOIN LATERAL pg_identify_object(w.classid, w.objid, w.subid) i
    WHERE (w.command::text)::bigint > coalesce(last, -1)
      AND mod((w.mine::text)::bigint - own + 4294967296, 4294967296) < 2147483648 -- not older: spares most the call
      AND audit.is_of_this_transaction(w.mine)
    ORDER BY 1, 2;
END
$$;
COMMENT ON FUNCTION audit.ddl_privileges() IS
  'Objects of the schema whose catalogue row this transaction wrote since the last event it recorded: what a GRANT '
  'was about';

-- Not by age(): that counts from whatever number it saw first in this transaction.
CREATE OR REPLACE FUNCTION audit.is_of_this_transaction(p_xmin xid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  present constant numeric := pg_current_xact_id()::text;
  ahead   constant numeric := mod((p_xmin::text)::numeric - mod(present, 4294967296) + 6442450944, 4294967296) - 2147483648;
BEGIN
  -- A visible row of a transaction that still runs is one's own; a subtransaction's number lies ahead.
  RETURN ahead >= 0 AND pg_xact_status((present + ahead)::text::xid8) IS NOT DISTINCT FROM 'in progress';
EXCEPTION WHEN invalid_parameter_value THEN
  RETURN false; -- a number that was not given out yet: a row frozen long ago
END
$$;
COMMENT ON FUNCTION audit.is_of_this_transaction(xid) IS
  'Whether a visible row with this xmin was written by the present transaction or one of its subtransactions';

-- Objects of the schema, what hangs on its tables (triggers, rules, policies, publications, inheritance children
-- elsewhere), and what its owner owns: a function that was moved out is still the one that a trigger calls.
-- (plpgsql keeps its plans; in SQL every command of anybody, anywhere in the database, would pay for planning.)
CREATE OR REPLACE FUNCTION audit.is_of_the_schema(p_class oid, p_object oid, p_schema text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  home  constant oid := to_regnamespace('audit');
  owner constant oid := to_regrole('audit_owner');
  place oid;
BEGIN
  IF p_schema = 'audit' OR p_schema LIKE 'pg\_temp%' THEN
    RETURN p_schema = 'audit';
  END IF;
  CASE p_class
    WHEN 'pg_class'::regclass THEN
      IF EXISTS (SELECT FROM pg_class c WHERE c.oid = p_object AND c.relowner = owner) THEN
        RETURN true;
      END IF;
      SELECT i.inhparent INTO place FROM pg_inherits i WHERE i.inhrelid = p_object ORDER BY i.inhseqno LIMIT 1;
    WHEN 'pg_proc'::regclass THEN
      RETURN EXISTS (SELECT FROM pg_proc p WHERE p.oid = p_object AND p.proowner = owner);
    WHEN 'pg_namespace'::regclass THEN
      RETURN p_object = home OR EXISTS (SELECT FROM pg_namespace n WHERE n.oid = p_object AND n.nspowner = owner);
    WHEN 'pg_publication'::regclass THEN
      RETURN EXISTS (SELECT FROM pg_publication b JOIN pg_publication_tables t ON t.pubname = b.pubname
                     WHERE b.oid = p_object AND t.schemaname = 'audit');
    WHEN 'pg_trigger'::regclass THEN SELECT t.tgrelid INTO place FROM pg_trigger t WHERE t.oid = p_object;
    WHEN 'pg_rewrite'::regclass THEN SELECT r.ev_class INTO place FROM pg_rewrite r WHERE r.oid = p_object;
    WHEN 'pg_policy'::regclass THEN SELECT y.polrelid INTO place FROM pg_policy y WHERE y.oid = p_object;
    WHEN 'pg_publication_rel'::regclass THEN SELECT b.prrelid INTO place FROM pg_publication_rel b WHERE b.oid = p_object;
    ELSE RETURN false;
  END CASE;
  RETURN EXISTS (SELECT FROM pg_class c WHERE c.oid = place AND c.relnamespace = home);
END
$$;
COMMENT ON FUNCTION audit.is_of_the_schema(oid, oid, text) IS
  'Whether an object that a command made or changed belongs to the audit schema, hangs on it, or is its owner''s';

-- Called for every command and object; what a function of the schema did to the event on its way is looked at.
CREATE OR REPLACE FUNCTION audit.record_ddl_object(p_command text, p_type text, p_identity text) RETURNS void
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  own_role constant text := current_setting('role');
  facts jsonb := jsonb_build_object(
    'command', p_command, 'object', p_identity, 'object_type', p_type, 'statement', audit.ddl_statement(),
    'login', session_user, 'application', current_setting('application_name'))
    || CASE WHEN own_role IN ('none', session_user) THEN '{}' ELSE jsonb_build_object('role', own_role) END;
  own_id varchar;
BEGIN
  IF audit.is_installing() THEN
    RETURN;
  END IF;
  own_id := audit.write_ddl_event(p_identity, facts);
  IF NOT EXISTS (SELECT FROM audit.logs l WHERE l.tenant_id = '_audit' AND l.event_id = own_id
                 AND l.event_type = 'audit.ddl' AND l.metadata = facts) THEN
    RAISE EXCEPTION 'the event that records it did not arrive' USING ERRCODE = 'restrict_violation';
  END IF;
END
$$;
COMMENT ON FUNCTION audit.record_ddl_object(text, text, text) IS
  'Logs one command on one object as an audit.ddl event and makes sure that the event is there as it was written';

-- A superuser could disable the event triggers as well: a refusal would protect nothing, only be in the way. Whoever
-- has not the owner's rights cannot change the schema: their commands are about something else.
CREATE OR REPLACE FUNCTION audit.refuse_unrecorded(p_state text, p_problem text) RETURNS void
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_state IN ('40001', '40P01', '55P03') THEN
    RAISE EXCEPTION '%', p_problem USING ERRCODE = p_state; -- may be tried again
  ELSIF current_setting('is_superuser') = 'on'
        OR NOT pg_has_role(coalesce(nullif(current_setting('role'), 'none'), session_user), 'audit_owner', 'MEMBER') THEN
    RAISE WARNING 'if this command changes the audit schema, it could not be recorded: %', p_problem;
  ELSE
    RAISE EXCEPTION 'this command changes the audit schema and cannot be recorded, so it is refused: %', p_problem
      USING ERRCODE = p_state, HINT = 'only a superuser may do it unrecorded';
  END IF;
END
$$;
COMMENT ON FUNCTION audit.refuse_unrecorded(text, text) IS
  'Refuses a command that could not be recorded (a superuser, or who cannot change the schema, is only warned)';

CREATE OR REPLACE FUNCTION audit.record_ddl_command(p_event text, p_tag text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  recorders constant oid[] := audit.ddl_recorders();
  types text[];
  identities text[];
BEGIN
  IF p_tag IN ('COMMENT', 'REINDEX') THEN
    RETURN; -- nothing that protects the log is different afterwards
  ELSIF p_event = 'sql_drop' THEN
    -- What has no schema (a publication, say) is known by its own name: anyone's may be called audit.
    SELECT array_agg(o.object_type), array_agg(o.object_identity) INTO types, identities
      FROM pg_event_trigger_dropped_objects() o
      WHERE (o.original OR o.normal AND o.object_type <> 'rule') AND NOT o.is_temporary -- a view has a rule of its own
        AND (o.schema_name = 'audit'
             OR o.address_names[1] = 'audit' AND o.object_type NOT IN ('role', 'schema', 'default acl')
                AND (cardinality(o.address_names) > 1 OR o.object_type = 'publication namespace')
             OR o.object_type = 'default acl' AND o.address_names[1] = 'audit_owner');
  ELSIF p_tag IN ('GRANT', 'REVOKE', 'ALTER DEFAULT PRIVILEGES') THEN
    SELECT array_agg(p.object_type), array_agg(p.identity) INTO types, identities FROM audit.ddl_privileges() p;
  ELSE
    -- What is done to this very function is recorded by audit.record_recorder_command, which it cannot reach.
    -- What else a command made on its way (the index of a key, a copied comment) is not told one by one.
    SELECT array_agg(c.object_type), array_agg(c.object_identity) INTO types, identities
      FROM (SELECT DISTINCT d.object_type, d.object_identity, d.command_tag = p_tag AS itself,
                            bool_or(d.command_tag = p_tag) OVER () AS told
            FROM pg_event_trigger_ddl_commands() d
            WHERE d.objid <> ALL (recorders) AND audit.is_of_the_schema(d.classid, d.objid, d.schema_name)) c
      WHERE c.itself OR NOT c.told;
  END IF;
  FOR n IN 1 .. coalesce(cardinality(types), 0) LOOP
    PERFORM audit.record_ddl_object(p_tag, types[n], identities[n]);
  END LOOP;
EXCEPTION WHEN OTHERS THEN
  PERFORM audit.refuse_unrecorded(sqlstate, sqlerrm);
END
$$;
COMMENT ON FUNCTION audit.record_ddl_command(text, text) IS
  'Called by audit.record_ddl: records every command on an object of the audit schema, or refuses it';

CREATE OR REPLACE FUNCTION audit.record_recorder_command(p_event text, p_tag text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  identity text := (SELECT d.object_identity FROM pg_event_trigger_ddl_commands() d
                    WHERE d.objid = ANY (audit.ddl_recorders()) LIMIT 1);
BEGIN
  IF identity IS NOT NULL THEN
    PERFORM audit.record_ddl_object(p_tag, 'function', identity);
  END IF;
EXCEPTION WHEN OTHERS THEN
  PERFORM audit.refuse_unrecorded(sqlstate, sqlerrm);
END
$$;
COMMENT ON FUNCTION audit.record_recorder_command(text, text) IS
  'Called by audit.record_recorder: records what is done to the recording functions, which would not record it';

CREATE OR REPLACE FUNCTION audit.ddl_recorders() RETURNS oid[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT array_agg(p.oid) FROM pg_proc p
  WHERE p.pronamespace = to_regnamespace('audit') AND p.proname = 'record_ddl_command'
     OR p.oid = (SELECT e.evtfoid FROM pg_event_trigger e WHERE e.evtname = 'audit_record_ddl')
$$;
COMMENT ON FUNCTION audit.ddl_recorders() IS
  'The functions that record commands on the schema, wherever they are by now';
