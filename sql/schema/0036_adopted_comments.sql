-- What the keys, indexes and columns of an adopted log are for; those of others are named as such.

DO $comments$
DECLARE
  logs oid := (SELECT c.oid FROM pg_class c WHERE c.relnamespace = to_regnamespace('audit') AND c.relname = 'logs');
  object text;
  remark text;
BEGIN
  IF current_setting('audit_install.layout') <> 'adopted' THEN
    RETURN;
  END IF;
  COMMENT ON TABLE audit.logs IS
    'The audit log: one row per event, one hash chain per tenant. INSERT only. Adopted from the guide: events of '
    'version 1 are sealed in ten columns and pinned by their tenant''s audit.adopted event, later ones in every column';
  FOR object, remark IN
    SELECT format('INDEX audit.%I', c.relname), CASE
        WHEN d.columns = '(tenant_id, sequence_number)' AND i.indisunique THEN 'The chain in order: timeline, head, verification'
        WHEN d.columns = '(id)' AND i.indisunique THEN 'Of the guide: one event by its id; foreign keys may point at it'
        WHEN d.columns = '(event_id)' AND i.indisunique THEN 'Of the guide: one event by its event_id alone'
        ELSE 'From before the log was adopted; nothing of audit-tui needs it' END
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      CROSS JOIN LATERAL (SELECT substring(pg_get_indexdef(c.oid) FROM 'USING btree (.*)$') AS columns) AS d
      WHERE i.indrelid = logs AND c.relname <> ALL (ARRAY[
        'logs_tenant_id_event_id_key', 'logs_tenant_time_idx', 'logs_tenant_actor_idx', 'logs_tenant_resource_idx',
        'logs_tenant_type_idx'])
        AND obj_description(c.oid, 'pg_class') IS NULL
    UNION ALL
    SELECT format('CONSTRAINT %I ON audit.logs', k.conname), CASE k.contype
        WHEN 'p' THEN 'Of the guide: the primary key'
        WHEN 'u' THEN 'Of the guide: an event_id occurs once in the whole log; applications may say ON CONFLICT (event_id)'
        ELSE 'From before the log was adopted' END
      FROM pg_constraint k
      WHERE k.conrelid = logs AND k.contype <> 'n' AND obj_description(k.oid, 'pg_constraint') IS NULL
        AND k.conname NOT IN ('logs_tenant_id_event_id_key', 'timestamp_range', 'event_id_format')
    UNION ALL
    SELECT format('SEQUENCE audit.%I', c.relname), 'Numbers for audit.logs.id'
      FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
      WHERE d.classid = 'pg_class'::regclass AND d.refobjid = logs AND d.deptype IN ('a', 'i')
        AND obj_description(c.oid, 'pg_class') IS NULL
    UNION ALL
    SELECT format('COLUMN audit.logs.%I', a.attname), 'From before the log was adopted; no seal covers it'
      FROM pg_attribute a
      WHERE a.attrelid = logs AND a.attnum > 0 AND NOT a.attisdropped AND col_description(logs, a.attnum) IS NULL
    UNION ALL
    SELECT format('TRIGGER %I ON audit.logs', t.tgname), 'From before the log was adopted'
      FROM pg_trigger t
      WHERE t.tgrelid = logs AND NOT t.tgisinternal AND obj_description(t.oid, 'pg_trigger') IS NULL
        AND t.tgname !~ '^logs_'
  LOOP
    EXECUTE format('COMMENT ON %s IS %L', object, remark);
  END LOOP;
END
$comments$;
