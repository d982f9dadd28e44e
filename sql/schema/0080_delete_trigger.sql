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

-- What the chain says of rows that have just gone; asked under the chain's lock, so that it stays true until the end
-- of the transaction.
CREATE OR REPLACE FUNCTION audit.removal_problem(
  p_tenant_id varchar, p_first bigint, p_last bigint, p_last_hash varchar, p_open_holds text[])
RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  covering bigint;
  unreleased text;
BEGIN
  SELECT max(a.sequence_number) INTO covering FROM audit.logs a
    WHERE a.tenant_id = p_tenant_id AND a.event_type = 'audit.archived' AND a.sequence_number > p_last
      AND audit.archived_through(a.metadata) = numrange(p_first, p_last, '[]')
      AND a.metadata ->> 'last_hash' = p_last_hash AND audit.carries_authority(a)
      AND NOT EXISTS (
        SELECT FROM audit.logs n
        WHERE n.tenant_id = p_tenant_id AND n.event_type = 'audit.archived' AND n.sequence_number > a.sequence_number
          AND n.metadata ->> 'replaces' = a.event_id AND audit.carries_authority(n));
  IF covering IS NULL THEN
    RETURN 'is not the removal of an archived prefix';
  ELSIF audit.archive_erasure(p_tenant_id, covering, p_first, p_last) IS NOT NULL THEN
    RETURN format('is refused: event %s erased parts of them after they were read',
                  audit.archive_erasure(p_tenant_id, covering, p_first, p_last));
  END IF;
  SELECT h.hold INTO unreleased FROM unnest(p_open_holds) AS h(hold)
    WHERE NOT EXISTS (SELECT FROM audit.logs l
                      WHERE l.tenant_id = p_tenant_id AND l.event_type = 'audit.hold_released'
                        AND l.metadata ->> 'hold' = h.hold AND audit.carries_authority(l))
    ORDER BY h.hold LIMIT 1;
  RETURN 'is refused: one of them placed the hold ' || unreleased || ', which is not released';
END
$$;
COMMENT ON FUNCTION audit.removal_problem(varchar, bigint, bigint, varchar, text[]) IS
  'Why a prefix that has just been deleted, with these holds placed in it and not released in it, must stay: no intact '
  'record that still counts names it, or an erasure or a hold stands against it; NULL where it may go';

-- The rows are gone when this runs, and what holds them is looked for in the transition table. The chain is locked
-- only here: no writer waits for the DELETE, and what came meanwhile is seen. Under a snapshot that is older than the
-- newest event the lock itself fails (40001).
CREATE OR REPLACE FUNCTION audit.prove_removal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  gone record;
  open_holds text[];
  problem text;
BEGIN
  FOR gone IN
    SELECT r.tenant_id, min(r.sequence_number) AS first, max(r.sequence_number) AS last, count(*) AS events,
           (array_agg(r.event_hash ORDER BY r.sequence_number DESC))[1] AS last_hash,
           count(*) FILTER (WHERE r.event_type = 'audit.hold_placed') AS placed
    FROM removed r GROUP BY r.tenant_id ORDER BY r.tenant_id
  LOOP
    open_holds := NULL;
    IF gone.placed > 0 THEN
      SELECT array_agg(p.metadata ->> 'hold') INTO open_holds FROM removed p
        WHERE p.tenant_id = gone.tenant_id AND p.event_type = 'audit.hold_placed'
          AND p.metadata ->> 'hold' ~ '^hld_[0-9a-f]{16}$' AND audit.carries_authority(ROW(p.*)::audit.logs)
          AND p.metadata ->> 'hold' <> ALL (ARRAY(
            SELECT r.metadata ->> 'hold' FROM removed r
            WHERE r.tenant_id = gone.tenant_id AND r.event_type = 'audit.hold_released'
              AND r.metadata ->> 'hold' IS NOT NULL AND audit.carries_authority(ROW(r.*)::audit.logs)));
    END IF;
    IF gone.events <> gone.last - gone.first + 1
       OR EXISTS (SELECT FROM audit.logs l WHERE l.tenant_id = gone.tenant_id AND l.sequence_number <= gone.last)
       OR NOT EXISTS (SELECT FROM audit.logs l WHERE l.tenant_id = gone.tenant_id
                      AND l.sequence_number = gone.last + 1 AND l.previous_hash = gone.last_hash) THEN
      problem := 'is not the removal of an archived prefix';
    ELSE
      INSERT INTO audit.chains AS c (tenant_id, holder, since)
        VALUES (gone.tenant_id, pg_current_xact_id(), transaction_timestamp())
        ON CONFLICT (tenant_id) DO UPDATE SET holder = EXCLUDED.holder, since = EXCLUDED.since
        WHERE (c.holder, c.since) IS DISTINCT FROM (pg_current_xact_id(), transaction_timestamp());
      problem := coalesce(
        audit.removal_problem(gone.tenant_id, gone.first, gone.last, gone.last_hash, open_holds),
        (SELECT format('is refused: they are held by %s: %s', h.hold, left(h.reason, 200))
         FROM audit.holds_of(gone.tenant_id) AS h
         WHERE h.active AND CASE
           WHEN h.actor_id IS NOT NULL THEN
             h.actor_id IN (SELECT DISTINCT r.actor_id FROM removed r WHERE r.tenant_id = gone.tenant_id)
           WHEN h.resource_type IS NOT NULL THEN
             (h.resource_type, h.resource_id) IN (SELECT DISTINCT r.resource_type, r.resource_id FROM removed r
                                                  WHERE r.tenant_id = gone.tenant_id)
           ELSE true END
         ORDER BY h.hold LIMIT 1));
    END IF;
    IF problem IS NOT NULL THEN
      RAISE EXCEPTION 'Audit logs are immutable. DELETE of events % to % of tenant % %.',
        gone.first, gone.last, gone.tenant_id, problem USING ERRCODE = 'restrict_violation',
        HINT = CASE WHEN problem LIKE 'is refused%' THEN 'release the hold, or record an archive that replaces this one'
          ELSE 'one statement removes exactly first_sequence to last_sequence of one committed audit.archived event' END;
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION audit.prove_removal() IS
  'Trigger: what a DELETE removed must be exactly the prefix that an intact audit.archived event names, which no later '
  'one replaces, with no erasure since and no active hold on it';

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
