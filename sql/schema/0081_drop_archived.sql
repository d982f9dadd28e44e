-- Removing a whole partition, in the layout by time range: what the DELETE trigger proves row by row is proved here
-- for all tenants at once, and then the partition goes.

CREATE OR REPLACE FUNCTION audit.drop_problem(
  p_partition oid, p_tenant_id varchar, p_first bigint, p_last bigint, p_events bigint)
RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  hash varchar := (SELECT l.event_hash FROM audit.logs l
                   WHERE l.tenant_id = p_tenant_id AND l.sequence_number = p_last AND l.tableoid = p_partition LIMIT 1);
  named record;
BEGIN
  SELECT a.event_id, a.sequence_number, l.metadata, age(l.xmin) AS age INTO named
    FROM audit.pending_archive(p_tenant_id) a
    JOIN audit.logs l ON l.tenant_id = p_tenant_id AND l.sequence_number = a.sequence_number AND l.event_id = a.event_id
    WHERE a.first = p_first AND a.last = p_last AND a.sequence_number > p_last LIMIT 1;
  RETURN CASE
    WHEN p_events IS DISTINCT FROM p_last - p_first + 1
      THEN format('%s events have the sequences %s to %s', p_events, p_first, p_last)
    WHEN named.event_id IS NULL OR named.metadata ->> 'last_hash' IS DISTINCT FROM hash
      THEN format('no intact audit.archived event names exactly its events %s to %s', p_first, p_last)
    -- Of this very transaction, or of one that began before and has not ended: see audit.refuse_delete.
    WHEN (named.age > 0 AND pg_xact_status(
           greatest((pg_current_xact_id()::text)::numeric - named.age, 0)::text::xid8) IS DISTINCT FROM 'in progress') IS NOT TRUE
      THEN format('event %s, which names them as archived, is not committed yet', named.sequence_number)
    WHEN EXISTS (SELECT FROM audit.logs l WHERE l.tenant_id = p_tenant_id AND l.sequence_number <= p_last
                 AND l.tableoid <> p_partition)
      THEN format('other events up to %s lie in other partitions', p_last)
    WHEN NOT EXISTS (SELECT FROM audit.logs l WHERE l.tenant_id = p_tenant_id AND l.sequence_number = p_last + 1
                     AND l.previous_hash = hash)
      THEN format('the chain does not go on behind event %s', p_last)
    ELSE audit.archive_change(p_tenant_id, p_first, p_last, named.sequence_number, named.event_id, NULL) END;
END
$$;
COMMENT ON FUNCTION audit.drop_problem(oid, varchar, bigint, bigint, bigint) IS
  'Why these events, all that a partition holds of a tenant, are not exactly the archived beginning of its chain, as a '
  'sentence; NULL when they are';

-- Looked at first under a lock that hinders nobody else, and once more when everybody waits: an erasure, a hold or
-- another record may have come between. A lock on the whole log is waited for no longer than two seconds.
-- Rows are counted once, by a statement that begins under the first lock: from then on nobody can add or remove one.
CREATE OR REPLACE FUNCTION audit.drop_archived_partition(p_partition text)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
  gone record;
  counted jsonb;
  problem text;
  total bigint;
BEGIN
  PERFORM audit.refuse_old_snapshot();
  SELECT s.* INTO gone FROM audit.partition_spans() s WHERE s.partition = p_partition;
  IF gone.partition IS NULL OR gone.is_default THEN
    RAISE EXCEPTION 'cannot drop %: %', quote_ident(p_partition), CASE WHEN gone.is_default
        THEN 'the default partition stays' ELSE 'the log has no partition of that name' END
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  EXECUTE format('LOCK TABLE audit.%I IN SHARE ROW EXCLUSIVE MODE', gone.partition);
  EXECUTE format('SELECT coalesce(jsonb_agg(to_jsonb(t) ORDER BY t.tenant_id), ''[]''), coalesce(sum(t.events), 0)
                    FROM (SELECT l.tenant_id, min(l.sequence_number) AS first, max(l.sequence_number) AS last, count(*) AS events
                            FROM audit.%I l GROUP BY l.tenant_id) t', gone.partition) INTO counted, total;
  -- The event that records this must not lie in it.
  IF (upper(gone.span) <= clock_timestamp()) IS NOT TRUE THEN
    RAISE EXCEPTION 'cannot drop %: its time is not over', quote_ident(p_partition) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  FOR look IN 1..2 LOOP
    SELECT format('tenant %s: %s', quote_literal(t.tenant_id), p.problem) INTO problem
      FROM jsonb_to_recordset(counted) AS t (tenant_id varchar, first bigint, last bigint, events bigint)
      CROSS JOIN LATERAL (SELECT audit.drop_problem(gone.partition_oid, t.tenant_id, t.first, t.last, t.events) AS problem) p
      WHERE p.problem IS NOT NULL ORDER BY t.tenant_id LIMIT 1;
    IF problem IS NOT NULL THEN
      RAISE EXCEPTION 'cannot drop %: %', quote_ident(p_partition), problem USING ERRCODE = 'restrict_violation';
    END IF;
    IF look = 1 THEN
      LOCK TABLE ONLY audit.logs IN ACCESS EXCLUSIVE MODE;
    END IF;
  END LOOP;
  PERFORM audit.record_partitions('DROP', ARRAY[gone.partition]);
  EXECUTE format('ALTER TABLE audit.logs DETACH PARTITION audit.%I', gone.partition);
  EXECUTE format('DROP TABLE audit.%I', gone.partition);
  UPDATE audit.chain_places p SET partition = NULL WHERE p.partition IN (gone.partition, 'logs_default');
  RETURN total;
END
$$;
COMMENT ON FUNCTION audit.drop_archived_partition(text) IS
  'Drops a partition of which every tenant''s events are, exactly, what a committed, intact audit.archived event of '
  'that tenant names as the beginning of its chain; returns how many events went. Refuses anything else';
