-- audit.verify_chain: every break of a tenant's chain, classified; the guide's four result columns first.
-- audit.verify_range: the same of a part of it. The functions that they call are in the files that follow; they
-- are looked up when it runs. All are plain (no SECURITY DEFINER, nothing volatile) and rely on the search_path
-- that is pinned here.

CREATE OR REPLACE FUNCTION audit.verify_range(p_tenant_id varchar, p_from bigint, p_through bigint)
RETURNS TABLE (
  is_valid boolean, broken_at_sequence bigint, broken_event_id varchar, message text,
  kind text, severity text, first_sequence bigint, last_sequence bigint,
  expected text, found text, columns text[])
LANGUAGE plpgsql STABLE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
SET jit = off -- compiling the long expressions costs more than it saves
SET plan_cache_mode = auto -- set below, and put back on leaving
AS $$
DECLARE
  v_lost bigint[] := '{}'; -- sequences that the server cannot render; looked for only after it failed on one
  v_low bigint := coalesce(p_from, (SELECT min(l.sequence_number) FROM audit.logs AS l WHERE l.tenant_id = p_tenant_id));
  v_high bigint := coalesce(p_through, (SELECT max(l.sequence_number) FROM audit.logs AS l WHERE l.tenant_id = p_tenant_id));
BEGIN
  -- Planning costs more than checking a few events: those share one plan, by index. A long chain gets a plan of
  -- its own, in one sweep with parallel workers.
  PERFORM set_config('plan_cache_mode', CASE WHEN v_high::numeric - v_low > 5000 THEN 'force_custom_plan'
                                             ELSE 'force_generic_plan' END, true);
  LOOP
    BEGIN
      RETURN QUERY SELECT f.* FROM audit.verify_findings(
        p_tenant_id, audit.verify_likely_offsets(p_tenant_id, v_lost), v_lost, p_from, p_through) AS f;
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

COMMENT ON FUNCTION audit.verify_range(varchar, bigint, bigint) IS
  'What audit.verify_chain says of the events from one sequence through another (NULL: without that end): the '
  'event before is seen, older events that an erasure within the range names are checked again. Several ranges '
  'together say what the whole chain''s check says';

CREATE OR REPLACE FUNCTION audit.verify_chain(p_tenant_id varchar)
RETURNS TABLE (
  is_valid boolean, broken_at_sequence bigint, broken_event_id varchar, message text,
  kind text, severity text, first_sequence bigint, last_sequence bigint,
  expected text, found text, columns text[])
LANGUAGE sql STABLE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT r.* FROM audit.verify_range(p_tenant_id, NULL, NULL) AS r
$$;

COMMENT ON FUNCTION audit.verify_chain(varchar) IS
  'Checks a tenant''s whole chain: one row per finding in order of sequence, or one row without a kind. is_valid '
  'is the verdict on the chain: false where anything was tampered with, NULL where there are no events or the '
  'server could not deliver one';
