-- What an adopted log needs before an event is sealed: there `id` is a key, and the site may have rules of its own.
-- Both triggers are made for that layout alone, and the second where the site has such rules. (Measured: the first
-- adds a fifteenth to an event, the second a third, and more for each rule.)

-- A writer who names the ids to come makes everyone's next events fail. So the number is always the sequence's,
-- whatever the row or its default brought; an identity has then been asked twice, and every other number is left out.
CREATE OR REPLACE FUNCTION audit.draw_id() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.hash_version IS DISTINCT FROM 0 THEN -- history is the owner's, audit.guard_insert sees to that
    -- No sequence: a default of the site's own making, which stays.
    NEW.id := coalesce(nextval(pg_get_serial_sequence('audit.logs', 'id')::regclass), NEW.id);
  END IF;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION audit.draw_id() IS 'Trigger of an adopted log: id comes from its sequence, whatever the caller passed';

-- A rule of the site is asked before the head is read: the DETAIL of a constraint's error would show a writer the link
-- and the salts that stand in the row by then. It is asked as whoever inserts, as the constraint itself is. What the
-- seal sets is not the writer's to break a rule with, and is NULL. (A site that adds its first rule after adopting
-- installs again.)
CREATE OR REPLACE FUNCTION audit.keep_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  event audit.logs := NEW;
  rule record;
  fits boolean;
BEGIN
  event.sequence_number := NULL;
  event.previous_hash := NULL;
  event.event_hash := NULL;
  event.part_salts := NULL;
  event.timestamp := clock_timestamp();
  FOR rule IN
    SELECT k.conname AS name, pg_get_expr(k.conbin, k.conrelid) AS holds, true AS is_check
      FROM pg_constraint k
      WHERE k.conrelid = TG_RELID AND k.contype = 'c' AND k.conname NOT IN ('event_id_format', 'timestamp_range')
    UNION ALL
    SELECT a.attname, format('%I IS DISTINCT FROM NULL', a.attname), false
      FROM pg_attribute a
      WHERE a.attrelid = TG_RELID AND a.attnum > 0 AND a.attnotnull AND NOT a.attisdropped AND a.attgenerated = ''
        AND a.attname <> ALL ('{id,event_id,sequence_number,timestamp,event_type,tenant_id,actor_type,actor_id,'
                              'resource_type,resource_id,previous_hash,event_hash,hash_version,part_salts}'::name[])
  LOOP
    EXECUTE format('SELECT %s FROM (SELECT ($1).*) AS logs', rule.holds) INTO fits USING event;
    IF NOT fits THEN
      IF NOT rule.is_check THEN
        RAISE not_null_violation USING MESSAGE = format('column %I of audit.logs must not be NULL', rule.name),
          SCHEMA = 'audit', TABLE = 'logs', COLUMN = rule.name;
      END IF;
      RAISE check_violation USING MESSAGE = format('the event violates the constraint %I of audit.logs', rule.name),
        SCHEMA = 'audit', TABLE = 'logs', CONSTRAINT = rule.name;
    END IF;
  END LOOP;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION audit.keep_rules() IS
  'Trigger of an adopted log: refuses what a constraint of the site would refuse, without a word about the chain';

DO $adopted$
BEGIN
  IF current_setting('audit_install.layout') <> 'adopted' THEN
    RETURN;
  END IF;
  CREATE OR REPLACE TRIGGER logs_30_draw_id BEFORE INSERT ON audit.logs
    FOR EACH ROW EXECUTE FUNCTION audit.draw_id();
  COMMENT ON TRIGGER logs_30_draw_id ON audit.logs IS 'Nobody takes the numbers of events to come';
  IF EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = 'audit.logs'::regclass AND k.contype = 'c'
               AND k.conname NOT IN ('event_id_format', 'timestamp_range'))
     OR EXISTS (SELECT FROM pg_attribute a
                WHERE a.attrelid = 'audit.logs'::regclass AND a.attnotnull AND a.attnum > 0 AND a.attname <> ALL (ARRAY[
                  'id', 'event_id', 'sequence_number', 'timestamp', 'event_type', 'tenant_id', 'actor_type', 'actor_id',
                  'resource_type', 'resource_id', 'previous_hash', 'event_hash', 'hash_version', 'part_salts'])) THEN
    CREATE OR REPLACE TRIGGER logs_20_keep_rules BEFORE INSERT ON audit.logs
      FOR EACH ROW EXECUTE FUNCTION audit.keep_rules();
    COMMENT ON TRIGGER logs_20_keep_rules ON audit.logs IS 'The site''s own rules, asked before the head of a chain is read';
  ELSE
    DROP TRIGGER IF EXISTS logs_20_keep_rules ON audit.logs;
  END IF;
END
$adopted$;
