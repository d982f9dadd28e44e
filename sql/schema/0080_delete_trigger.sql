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
