-- Archiving, second half: what a committed record names is removed, through the trigger that proves it.

CREATE OR REPLACE FUNCTION audit.archive_hold(p_tenant_id varchar, p_first bigint, p_last bigint)
RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT format('%s of these events %s held by %s: %s', h.events, CASE h.events WHEN 1 THEN 'is' ELSE 'are' END,
                h.hold, left(h.reason, 200))
  FROM audit.held_events(p_tenant_id, p_first, p_last) h ORDER BY h.hold LIMIT 1
$$;
COMMENT ON FUNCTION audit.archive_hold(varchar, bigint, bigint) IS
  'Which active hold covers events of this range, as a sentence; NULL when none does';

-- The trigger proves the DELETE again, whoever calls and once it has taken the chain's lock: committed before, intact,
-- exactly this prefix, nothing erased or held meanwhile. What is asked here before spares everybody the DELETE.
CREATE OR REPLACE FUNCTION audit.remove_archived(p_tenant_id varchar, p_event_id varchar)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET jit = off -- as in audit.record_archive
AS $$
DECLARE
  named audit.logs;
  first bigint;
  last bigint;
  problem text;
  gone bigint;
BEGIN
  PERFORM audit.refuse_old_snapshot(); -- it would not show the hold or the erasure that forbids this
  SELECT l.* INTO named FROM audit.logs l
    WHERE l.tenant_id = p_tenant_id AND l.event_id = p_event_id AND l.event_type = 'audit.archived';
  IF NOT FOUND OR NOT audit.carries_authority(named) OR audit.archived_through(named.metadata) IS NULL THEN
    RAISE EXCEPTION 'cannot remove: no intact audit.archived event of that tenant has this event_id'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  first := least(lower(audit.archived_through(named.metadata)), 9223372036854775807)::bigint;
  last := least(upper(audit.archived_through(named.metadata)), 9223372036854775807)::bigint;
  IF NOT EXISTS (SELECT FROM audit.logs l WHERE l.tenant_id = p_tenant_id AND l.sequence_number <= last) THEN
    RETURN 0;
  END IF;
  problem := CASE WHEN NOT EXISTS (SELECT FROM audit.pending_archive(p_tenant_id) a WHERE a.event_id = p_event_id)
      THEN 'a later audit.archived event replaces this one'
    ELSE audit.archive_change(p_tenant_id, first, last, named.sequence_number, p_event_id, NULL) END;
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION 'cannot remove: %', problem USING ERRCODE = 'invalid_parameter_value';
  END IF;
  DELETE FROM audit.logs l WHERE l.tenant_id = p_tenant_id AND l.sequence_number BETWEEN first AND last;
  GET DIAGNOSTICS gone = ROW_COUNT;
  -- The trigger, which holds the chain by now, was content with any record of these very events.
  IF gone > 0 AND EXISTS (
    SELECT FROM audit.logs n
    WHERE n.tenant_id = p_tenant_id AND n.event_type = 'audit.archived' AND n.sequence_number > named.sequence_number
      AND n.metadata ->> 'replaces' = p_event_id AND audit.carries_authority(n)) THEN
    RAISE EXCEPTION 'cannot remove: a later audit.archived event replaces this one' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN gone;
END
$$;
COMMENT ON FUNCTION audit.remove_archived(varchar, varchar) IS
  'Removes the events that a committed audit.archived event of the tenant names, in one statement; returns how many, '
  '0 when they are gone already';
