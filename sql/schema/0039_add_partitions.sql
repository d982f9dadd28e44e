-- Adding partitions: for times to come, and for times whose events already lie in the default partition.
-- All of these lend the owner's rights, to whom 0090_grants.sql says; lock_timeout keeps writers, who queue behind
-- a lock that is waited for, from waiting longer than that.

CREATE OR REPLACE FUNCTION audit.add_partitions(p_spans tstzrange[])
RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
  moving boolean;
BEGIN
  PERFORM audit.refuse_old_snapshot();
  PERFORM audit.refuse_spans(p_spans);
  IF cardinality(p_spans) = 0 THEN
    RETURN;
  END IF;
  moving := audit.default_holds(p_spans);
  IF moving THEN
    LOCK TABLE ONLY audit.logs IN ACCESS EXCLUSIVE MODE;
  ELSE
    LOCK TABLE ONLY audit.logs IN SHARE UPDATE EXCLUSIVE MODE; -- writers go on
  END IF;
  LOCK TABLE audit.logs_default IN SHARE ROW EXCLUSIVE MODE;
  -- Once more, now that nobody can add a partition or write into the default one.
  PERFORM audit.refuse_spans(p_spans);
  IF audit.default_holds(p_spans) AND NOT moving THEN
    RAISE EXCEPTION 'events of these times came into the default partition just now' USING ERRCODE = 'lock_not_available',
      HINT = 'try again';
  END IF;
  PERFORM audit.record_partitions('ADD', ARRAY(SELECT audit.partition_name(s) FROM unnest(p_spans) s));
  IF moving THEN
    PERFORM audit.move_from_default(p_spans);
  ELSE
    PERFORM audit.attach_spans(p_spans);
  END IF;
  -- What a chain's place says of the default partition was about the times that no other one took.
  UPDATE audit.chain_places SET partition = NULL WHERE partition LIKE 'logs\_default%';
  RETURN QUERY SELECT audit.partition_name(s)::text FROM unnest(p_spans) s;
END
$$;
COMMENT ON FUNCTION audit.add_partitions(tstzrange[]) IS
  'Adds a partition for each span of time (from inclusive, to exclusive) and returns their names. Events that lie in '
  'the default partition move along as they were sealed; logging waits while they do';

-- One sealed event for all the commands of it, before the first.
CREATE OR REPLACE FUNCTION audit.record_partitions(p_verb text, p_names text[]) RETURNS void
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM audit.record_install(p_verb || ' PARTITION', array_to_string(p_names, ', '));
END
$$;
COMMENT ON FUNCTION audit.record_partitions(text, text[]) IS
  'Logs which partitions this transaction adds or drops; the caller''s own rights decide';

CREATE OR REPLACE FUNCTION audit.attach_spans(p_spans tstzrange[]) RETURNS void
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  the_span tstzrange;
BEGIN
  FOREACH the_span IN ARRAY p_spans LOOP
    PERFORM audit.make_partition_table(audit.partition_name(the_span));
    PERFORM audit.attach_partition(audit.partition_name(the_span), the_span);
  END LOOP;
END
$$;
COMMENT ON FUNCTION audit.attach_spans(tstzrange[]) IS
  'Makes and attaches empty partitions; the caller''s own rights decide';

CREATE OR REPLACE FUNCTION audit.refuse_spans(p_spans tstzrange[]) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  problem text;
BEGIN
  IF NOT EXISTS (SELECT FROM audit.partition_spans() s WHERE s.is_default AND s.partition = 'logs_default') THEN
    RAISE EXCEPTION 'this log has no partitions: it was installed with another layout' USING ERRCODE = '55000';
  END IF;
  SELECT CASE
      WHEN s.span IS NULL OR isempty(s.span) OR lower_inf(s.span) OR upper_inf(s.span)
        OR NOT lower_inc(s.span) OR upper_inc(s.span) THEN 'a partition has a beginning (inclusive) and an end (exclusive)'
      WHEN NOT s.span <@ tstzrange('0001-01-01 00:00:00+00', '10000-01-01 00:00:00+00') THEN 'years run from 1 to 9999'
      WHEN s.others > 1 THEN format('two of the partitions asked for share the time from %s', lower(s.span))
      ELSE format('the partition %s already takes times from %s to %s', quote_ident(o.partition), lower(o.span), upper(o.span)) END
    INTO problem
    FROM (SELECT a.span, (SELECT count(*) FROM unnest(p_spans) b WHERE b && a.span) AS others FROM unnest(p_spans) AS a (span)) s
    LEFT JOIN audit.partition_spans() o ON o.span && s.span
    WHERE s.span IS NULL OR isempty(s.span) OR lower_inf(s.span) OR upper_inf(s.span) OR NOT lower_inc(s.span)
      OR upper_inc(s.span) OR NOT s.span <@ tstzrange('0001-01-01 00:00:00+00', '10000-01-01 00:00:00+00')
      OR s.others > 1 OR o.partition IS NOT NULL
    ORDER BY lower(s.span) LIMIT 1;
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION 'cannot add a partition: %', problem USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;
COMMENT ON FUNCTION audit.refuse_spans(tstzrange[]) IS
  'Raises what is wrong with spans of time that partitions are to be added for';

CREATE OR REPLACE FUNCTION audit.default_holds(p_spans tstzrange[]) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM audit.logs_default l WHERE l.timestamp <@ ANY (p_spans));
END
$$;
COMMENT ON FUNCTION audit.default_holds(tstzrange[]) IS 'Whether events of these times lie in the default partition';

-- A row cannot be moved by UPDATE or DELETE, which the log refuses. So the default partition is made anew beside
-- the old one, and the old one goes only when every row was counted and compared in its new place. Writers wait
-- for the lock on the log meanwhile; one whose snapshot is older fails with 40001 at its chain's row, as it must:
-- it would not see the rows in their new place. Never under a snapshot of this transaction's own that is older than
-- the lock: rows that it does not show would be neither copied nor counted, and go with the old table.
CREATE OR REPLACE FUNCTION audit.move_from_default(p_spans tstzrange[]) RETURNS void
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, YMD' AS $$
DECLARE
  the_span tstzrange;
  own record;
  digest constant text := 'count(*), sum(hash_record_extended(l, 0)::numeric)';
  before_count bigint;
  before_sum numeric;
  after_count bigint;
  after_sum numeric;
BEGIN
  PERFORM audit.refuse_old_snapshot();
  INSERT INTO audit.chains AS c (tenant_id, holder, since)
    SELECT DISTINCT l.tenant_id, pg_current_xact_id(), transaction_timestamp() FROM audit.logs_default l ORDER BY 1
    ON CONFLICT (tenant_id) DO UPDATE SET holder = EXCLUDED.holder, since = EXCLUDED.since;
  PERFORM audit.make_partition_table('logs_default_new');
  INSERT INTO audit.logs_default_new
    SELECT l.* FROM audit.logs_default l WHERE (l.timestamp <@ ANY (p_spans)) IS NOT TRUE
    ORDER BY l.tenant_id, l.sequence_number;
  FOREACH the_span IN ARRAY p_spans LOOP
    PERFORM audit.make_partition_table(audit.partition_name(the_span));
    EXECUTE format('INSERT INTO audit.%I SELECT l.* FROM audit.logs_default l WHERE l.timestamp <@ $1'
                   ' ORDER BY l.tenant_id, l.sequence_number', audit.partition_name(the_span)) USING the_span;
  END LOOP;
  EXECUTE format('SELECT %s FROM audit.logs_default l', digest) INTO before_count, before_sum;
  EXECUTE format('SELECT %s FROM (%s) l', digest, 'SELECT * FROM audit.logs_default_new' || (
    SELECT string_agg(format(' UNION ALL SELECT * FROM audit.%I', audit.partition_name(s)), '') FROM unnest(p_spans) s))
    INTO after_count, after_sum;
  IF (before_count, before_sum) IS DISTINCT FROM (after_count, after_sum) THEN
    RAISE EXCEPTION 'events of the default partition did not arrive as they were: nothing was changed'
      USING ERRCODE = 'data_corrupted';
  END IF;

  -- In this order the event that records all this can be seen at each step (audit.is_installing looks for it).
  ALTER TABLE audit.logs DETACH PARTITION audit.logs_default;
  PERFORM audit.attach_partition('logs_default_new', NULL);
  FOREACH the_span IN ARRAY p_spans LOOP
    PERFORM audit.attach_partition(audit.partition_name(the_span), the_span);
  END LOOP;
  DROP TABLE audit.logs_default;
  ALTER TABLE audit.logs_default_new RENAME TO logs_default;
  FOR own IN SELECT c.relname AS name, 'logs_default' || substr(c.relname, 17) AS proper
             FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = 'audit.logs_default'::regclass LOOP
    EXECUTE format('ALTER INDEX audit.%I RENAME TO %I', own.name, own.proper);
  END LOOP;
END
$$;
COMMENT ON FUNCTION audit.move_from_default(tstzrange[]) IS
  'Makes the tables of these spans with the events that lie in the default partition, and that partition without '
  'them; every row is compared before the old table goes. Only within audit.add_partitions';

CREATE OR REPLACE FUNCTION audit.missing_months(p_first timestamptz, p_months integer) RETURNS tstzrange[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' AS $$
  SELECT coalesce(array_agg(piece ORDER BY lower(piece)), '{}')
  FROM generate_series(0, p_months - 1) AS n
  CROSS JOIN LATERAL (SELECT date_trunc('month', p_first) + make_interval(months => n) AS begins) m
  CROSS JOIN LATERAL unnest(
    tstzmultirange(tstzrange(m.begins, m.begins + interval '1 month'))
    - coalesce((SELECT range_agg(s.span) FROM audit.partition_spans() s WHERE NOT s.is_default), '{}')) AS piece
$$;
COMMENT ON FUNCTION audit.missing_months(timestamptz, integer) IS
  'The months of UTC from that of p_first on, p_months of them, that no partition takes yet; of a month that one takes '
  'in part, the rest';

CREATE OR REPLACE FUNCTION audit.add_months(p_first timestamptz, p_months integer)
RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_months IS NULL OR p_months NOT BETWEEN 1 AND 121 THEN
    RAISE EXCEPTION 'partitions are added for 1 to 121 months at a time' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN QUERY SELECT audit.add_partitions(audit.missing_months(coalesce(p_first, clock_timestamp()), p_months));
END
$$;
COMMENT ON FUNCTION audit.add_months(timestamptz, integer) IS
  'Adds what is missing of p_months months of UTC, from that of p_first on (NULL: this month); returns what it added';

CREATE OR REPLACE FUNCTION audit.ensure_partitions(p_ahead integer DEFAULT 3)
RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_ahead IS NULL OR p_ahead NOT BETWEEN 0 AND 120 THEN
    RAISE EXCEPTION 'months ahead run from 0 to 120' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN QUERY SELECT audit.add_months(NULL, p_ahead + 1);
END
$$;
COMMENT ON FUNCTION audit.ensure_partitions(integer) IS
  'Adds the partitions of this month and of p_ahead months to come, where they are missing; returns what it added';

CREATE OR REPLACE FUNCTION audit.settle_default()
RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  spans tstzrange[];
BEGIN
  PERFORM audit.refuse_old_snapshot();
  PERFORM audit.refuse_spans('{}');
  SELECT coalesce(array_agg(DISTINCT m), '{}') INTO spans
    FROM (SELECT DISTINCT date_trunc('month', timezone('UTC', l.timestamp)) AS month FROM audit.logs_default l) l
    CROSS JOIN LATERAL unnest(audit.missing_months(timezone('UTC', l.month), 1)) AS m
    WHERE EXISTS (SELECT FROM audit.logs_default d WHERE d.timestamp <@ m);
  RETURN QUERY SELECT audit.add_partitions(spans);
END
$$;
COMMENT ON FUNCTION audit.settle_default() IS
  'Gives every month whose events lie in the default partition one of its own; returns what it added';
