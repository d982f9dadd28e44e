-- What PostgreSQL knows of the log's partitions, as ranges. In a plain layout there are none.

-- Bounds are read as text (there is no other way in SQL): zone and style are pinned, so that it means one thing.
CREATE OR REPLACE FUNCTION audit.partition_spans()
RETURNS TABLE (partition name, partition_oid oid, is_default boolean, span tstzrange)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, YMD' AS $$
  SELECT c.relname, c.oid, b.bound = 'DEFAULT',
    CASE WHEN b.bound <> 'DEFAULT' THEN tstzrange(
      substring(b.bound FROM '^FOR VALUES FROM \(''([^'']+)''\)')::timestamptz,
      substring(b.bound FROM ' TO \(''([^'']+)''\)$')::timestamptz) END
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  CROSS JOIN LATERAL (SELECT pg_get_expr(c.relpartbound, c.oid) AS bound) b
  WHERE i.inhparent = to_regclass('audit.logs') AND c.relispartition
$$;
COMMENT ON FUNCTION audit.partition_spans() IS
  'The log''s partitions and the times that each takes, from (inclusive) to (exclusive); a NULL bound is open, and '
  'the span of the default partition is NULL';

CREATE OR REPLACE FUNCTION audit.partition_span(p_partition oid, p_around timestamptz)
RETURNS tstzrange LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN NOT s.is_default THEN s.span ELSE (
    SELECT gap FROM unnest(tstzmultirange(tstzrange(NULL, NULL))
                           - coalesce((SELECT range_agg(o.span) FROM audit.partition_spans() o WHERE NOT o.is_default),
                                      '{}')) AS gap
    WHERE gap @> p_around) END
  FROM audit.partition_spans() s WHERE s.partition_oid = p_partition
$$;
COMMENT ON FUNCTION audit.partition_span(oid, timestamptz) IS
  'The times that a partition takes; of the default partition the span around this time that no other one takes';

-- A month of UTC has a name of its own.
CREATE OR REPLACE FUNCTION audit.partition_name(p_span tstzrange)
RETURNS name LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE
    WHEN b.lo = date_trunc('month', b.lo) AND b.hi = b.lo + interval '1 month' THEN to_char(b.lo, '"logs_"YYYY_MM')
    ELSE concat('logs_', to_char(b.lo, 'YYYYMMDD"t"HH24MISSUS'), '_', to_char(b.hi, 'YYYYMMDD"t"HH24MISSUS')) END::name
  FROM (SELECT timezone('UTC', lower(p_span)) AS lo, timezone('UTC', upper(p_span)) AS hi) b
$$;
COMMENT ON FUNCTION audit.partition_name(tstzrange) IS
  'How a partition of these times is called: logs_YYYY_MM where it is a month of UTC';

-- The times of a partition by index, tenant by tenant: a scan of everything would take minutes.
CREATE OR REPLACE FUNCTION audit.partition_times(p_partition name, OUT oldest timestamptz, OUT newest timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM audit.partition_spans() s WHERE s.partition = p_partition) THEN
    RETURN;
  END IF;
  EXECUTE format($query$
    WITH RECURSIVE tenants AS (
      (SELECT l.tenant_id FROM audit.%1$I l ORDER BY l.tenant_id LIMIT 1)
      UNION ALL
      SELECT (SELECT l.tenant_id FROM audit.%1$I l WHERE l.tenant_id > t.tenant_id ORDER BY l.tenant_id LIMIT 1)
      FROM tenants t WHERE t.tenant_id IS NOT NULL)
    SELECT min(first.timestamp), max(last.timestamp) FROM tenants t
    CROSS JOIN LATERAL (SELECT l.timestamp FROM audit.%1$I l WHERE l.tenant_id = t.tenant_id
                        ORDER BY l.timestamp LIMIT 1) AS first
    CROSS JOIN LATERAL (SELECT l.timestamp FROM audit.%1$I l WHERE l.tenant_id = t.tenant_id
                        ORDER BY l.timestamp DESC LIMIT 1) AS last$query$, p_partition) INTO oldest, newest;
END
$$;
COMMENT ON FUNCTION audit.partition_times(name) IS
  'The times of the oldest and the newest event in a partition; NULLs where it is empty or is none';

-- A trigger of the parent does not fire for a statement that names a partition, unless it is cloned there; row
-- triggers are, statement triggers are not.
CREATE OR REPLACE FUNCTION audit.missing_guards(p_partition oid)
RETURNS text[] LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(array_agg(due.name ORDER BY due.name), '{}')
  FROM (VALUES ('logs_10_guard_insert', 'O', 'audit.guard_insert()'), ('logs_20_forget_place', 'R', 'audit.forget_place()'),
               ('logs_90_seal_event', 'O', 'audit.seal_event()'), ('logs_90_refuse_update', 'A', 'audit.refuse_update()'),
               ('logs_90_refuse_delete', 'A', 'audit.refuse_delete()'), ('logs_91_prove_removal', 'A', 'audit.prove_removal()'),
               ('logs_refuse_truncate', 'A', 'audit.refuse_truncate()')) AS due (name, mode, function)
  WHERE NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = p_partition AND t.tgname = due.name
                    AND t.tgenabled::text = due.mode AND t.tgfoid = to_regprocedure(due.function))
$$;
COMMENT ON FUNCTION audit.missing_guards(oid) IS
  'Which triggers a partition lacks, or has in another mode; none where it is guarded as the log is';

CREATE OR REPLACE FUNCTION audit.list_partitions()
RETURNS TABLE (partition text, range_from timestamptz, range_to timestamptz, is_default boolean, events bigint,
               bytes bigint, oldest timestamptz, newest timestamptz, missing_guards text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.partition::text, lower(s.span), upper(s.span), s.is_default,
    CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint ELSE pg_stat_get_live_tuples(c.oid) END,
    pg_total_relation_size(c.oid), t.oldest, t.newest, audit.missing_guards(c.oid)
  FROM audit.partition_spans() s JOIN pg_class c ON c.oid = s.partition_oid
  CROSS JOIN LATERAL audit.partition_times(s.partition) t
  ORDER BY s.is_default, lower(s.span)
$$;
COMMENT ON FUNCTION audit.list_partitions() IS
  'Every partition of the log: the times it takes, events as PostgreSQL estimates them, size on disk with indexes, '
  'times of its oldest and newest event, triggers that it lacks. The default partition comes last';
