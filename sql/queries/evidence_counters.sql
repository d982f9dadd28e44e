-- What the server counted on the tables of the log, since when, and whether the log itself records such work.
SELECT COALESCE(sum(pg_stat_get_tuples_updated(t.relid)), 0)::int8,
       COALESCE(sum(pg_stat_get_tuples_hot_updated(t.relid)), 0)::int8,
       COALESCE(sum(pg_stat_get_tuples_deleted(t.relid)), 0)::int8,
       (SELECT to_char(d.stats_reset AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
          FROM pg_stat_database d WHERE d.datname = current_database()),
       EXISTS (SELECT FROM unnest(%(tenants)s::text[]) AS named (tenant_id)
                CROSS JOIN LATERAL (SELECT FROM audit.logs l
                                     WHERE l.tenant_id = named.tenant_id
                                       AND l.event_type IN ('audit.erased', 'audit.archived') LIMIT 1) AS found)
  FROM (SELECT p.relid FROM pg_partition_tree('audit.logs') p WHERE p.isleaf
        UNION
        SELECT c.oid FROM pg_class c WHERE c.oid = 'audit.logs'::regclass AND c.relkind = 'r') AS t;
