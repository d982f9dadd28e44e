-- Making the table of a partition, and giving it the guards that PostgreSQL does not clone.

-- Standing alone at first: no trigger fires for it yet, so rows that are moved into it stay as they were sealed.
CREATE OR REPLACE FUNCTION audit.make_partition_table(p_name name) RETURNS void
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  parent constant oid := 'audit.logs'::regclass;
  own record;
BEGIN
  EXECUTE format('CREATE TABLE audit.%I (LIKE audit.logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS'
                 ' INCLUDING STORAGE)', p_name);
  EXECUTE format('COMMENT ON TABLE audit.%I IS %L', p_name, 'A partition of audit.logs');
  FOR own IN
    SELECT p_name || substr(c.relname, 5) AS name, pg_get_indexdef(c.oid) AS definition,
           (SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k WHERE k.conindid = c.oid AND k.conrelid = parent) AS key,
           coalesce(obj_description(c.oid, 'pg_class'), '') AS remark
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = parent ORDER BY c.relname
  LOOP
    IF own.key IS NOT NULL THEN
      EXECUTE format('ALTER TABLE audit.%I ADD CONSTRAINT %I %s', p_name, own.name, own.key);
      EXECUTE format('COMMENT ON CONSTRAINT %I ON audit.%I IS %L', own.name, p_name, own.remark);
    ELSE
      EXECUTE format('CREATE INDEX %I ON audit.%I %s', own.name, p_name, substring(own.definition FROM 'USING .*$'));
    END IF;
    EXECUTE format('COMMENT ON INDEX audit.%I IS %L', own.name, own.remark);
  END LOOP;
END
$$;
COMMENT ON FUNCTION audit.make_partition_table(name) IS
  'Makes a table like audit.logs with its indexes, not attached yet; the caller''s own rights decide';

-- TRUNCATE of one partition passes the parent's trigger, and so does a DELETE that names the partition.
CREATE OR REPLACE FUNCTION audit.guard_partition(p_name name) RETURNS void
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  partition constant oid := to_regclass(format('audit.%I', p_name));
BEGIN
  IF audit.missing_guards(partition) = '{}' THEN
    RETURN;
  END IF;
  EXECUTE format('CREATE OR REPLACE TRIGGER logs_refuse_truncate BEFORE TRUNCATE ON audit.%I
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_truncate()', p_name);
  EXECUTE format('CREATE OR REPLACE TRIGGER logs_91_prove_removal AFTER DELETE ON audit.%I
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION audit.prove_removal()', p_name);
  EXECUTE format('ALTER TABLE audit.%I ENABLE ALWAYS TRIGGER logs_refuse_truncate,
    ENABLE ALWAYS TRIGGER logs_91_prove_removal, ENABLE ALWAYS TRIGGER logs_90_refuse_update,
    ENABLE ALWAYS TRIGGER logs_90_refuse_delete, ENABLE TRIGGER logs_10_guard_insert,
    ENABLE REPLICA TRIGGER logs_20_forget_place, ENABLE TRIGGER logs_90_seal_event', p_name);
  EXECUTE format('COMMENT ON TRIGGER logs_refuse_truncate ON audit.%I IS %L', p_name,
                 'TRUNCATE of this partition alone is refused as well');
  EXECUTE format('COMMENT ON TRIGGER logs_91_prove_removal ON audit.%I IS %L', p_name,
                 'A DELETE that names this partition has to prove itself as well');
END
$$;
COMMENT ON FUNCTION audit.guard_partition(name) IS
  'Gives an attached partition the statement triggers of the log, and all its triggers their modes';

CREATE OR REPLACE FUNCTION audit.attach_partition(p_name name, p_span tstzrange) RETURNS void
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, YMD' AS $$
BEGIN
  EXECUTE format('ALTER TABLE audit.logs ATTACH PARTITION audit.%I %s', p_name, CASE
    WHEN p_span IS NULL THEN 'DEFAULT'
    ELSE format('FOR VALUES FROM (%L) TO (%L)', lower(p_span), upper(p_span)) END);
  IF p_span IS NULL THEN
    EXECUTE format('COMMENT ON TABLE audit.%I IS %L', p_name,
                   'The partition of audit.logs for times that no other one takes; empty, if all is well');
  END IF;
  PERFORM audit.guard_partition(p_name);
END
$$;
COMMENT ON FUNCTION audit.attach_partition(name, tstzrange) IS
  'Makes a table the partition of these times (NULL: the default one) and guards it';
