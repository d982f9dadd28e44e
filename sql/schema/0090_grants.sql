-- Who may do what: the guide's matrix, and nothing for PUBLIC. Runs last, so that every function above is
-- covered whichever file made it. A role that does not exist (installed without roles) is passed over.

-- Begin from nothing, so that a right which somebody added does not outlive an install. What others made in the
-- schema of an adopted log is theirs to grant.
DO $revoke$
DECLARE
  home    constant oid := to_regnamespace('audit');
  ours    constant text[] := ARRAY[
    (SELECT 'TABLE ' || string_agg(format('audit.%I', c.relname), ', ') FROM pg_class c
     WHERE c.relnamespace = home AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_get_userbyid(c.relowner) = 'audit_owner'),
    (SELECT 'SEQUENCE ' || string_agg(format('audit.%I', c.relname), ', ') FROM pg_class c
     WHERE c.relnamespace = home AND c.relkind = 'S' AND pg_get_userbyid(c.relowner) = 'audit_owner'),
    (SELECT 'ROUTINE ' || string_agg(p.oid::regprocedure::text, ', ') FROM pg_proc p
     WHERE p.pronamespace = home AND pg_get_userbyid(p.proowner) = 'audit_owner')];
  the_role text;
  objects text;
BEGIN
  REVOKE ALL ON SCHEMA audit FROM PUBLIC;
  FOREACH objects IN ARRAY ours LOOP
    CONTINUE WHEN objects IS NULL;
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', objects);
    FOREACH the_role IN ARRAY ARRAY['audit_reader', 'audit_writer', 'audit_admin', 'audit_eraser', 'audit_archivist'] LOOP
      CONTINUE WHEN to_regrole(the_role) IS NULL;
      EXECUTE format('REVOKE ALL ON %s FROM %I', objects, the_role);
    END LOOP;
  END LOOP;
END
$revoke$;

-- What each role is for, one line a grant.
-- (Known limit: PostgreSQL evaluates a view's CHECK OPTION over the sealed row without asking for SELECT, so a
-- writer who may create views can learn sequence, link and salts of an event that they log: the link is the
-- hash of the tenant's head before it. No right or trigger of a table prevents that; a temporary view is enough, so
-- grant writers no CREATE, and REVOKE TEMPORARY ON DATABASE ... FROM PUBLIC, which has it by default.)
DO $grants$
DECLARE
  everyone constant text := 'audit_reader audit_writer audit_admin audit_eraser audit_archivist';
  readers  constant text := 'audit_reader audit_admin audit_eraser audit_archivist';
  the_grant text;
  the_role text;
BEGIN
  FOR the_grant, the_role IN
    SELECT granted.what, member.role
    FROM (VALUES
      ('USAGE ON SCHEMA audit', everyone),
      -- Writers insert and read nothing, not even what they wrote.
      ('INSERT ON audit.logs', 'audit_writer'),
      ('EXECUTE ON FUNCTION audit.log_event', 'audit_writer'),
      ('EXECUTE ON FUNCTION audit.take_turn',
       CASE WHEN current_setting('audit_install.layout') = 'partitioned' THEN 'audit_writer' END),
      -- Reading includes what a reader needs to check a seal with their own eyes.
      ('SELECT ON audit.logs, audit.schema_info, audit.tenant_readers', readers),
      ('EXECUTE ON FUNCTION audit.identity_text, audit.snapshots_text, audit.details_text, audit.part_digest,'
       ' audit.occurred_us, audit.seal_v2, audit.part_slice, audit.part_text, audit.is_erased_parts,'
       ' audit.sealed_hash_v2, audit.sealed_hash_v1, audit.event_verifies', readers),
      ('EXECUTE ON FUNCTION audit.approve_erasure, audit.erase', 'audit_eraser'),
      ('SELECT ON audit.retention_rules', readers),
      ('EXECUTE ON FUNCTION audit.list_holds, audit.holds_of, audit.held_events', readers),
      ('EXECUTE ON FUNCTION audit.place_hold, audit.release_hold, audit.set_retention_rule,'
       ' audit.remove_retention_rule', 'audit_archivist'),
      ('EXECUTE ON FUNCTION audit.check_and_alert', 'audit_admin'),
      ('EXECUTE ON FUNCTION audit.list_partitions', 'audit_admin audit_archivist'),
      ('EXECUTE ON FUNCTION audit.add_partitions, audit.add_months, audit.ensure_partitions, audit.settle_default,'
       ' audit.drop_archived_partition', 'audit_archivist'),
      ('EXECUTE ON FUNCTION audit.record_archive, audit.remove_archived', 'audit_archivist')
    ) AS granted (what, roles)
    CROSS JOIN LATERAL unnest(string_to_array(granted.roles, ' ')) AS member (role)
    WHERE to_regrole(member.role) IS NOT NULL
  LOOP
    EXECUTE format('GRANT %s TO %I', the_grant, the_role);
  END LOOP;
END
$grants$;

-- Verifying: verify_chain, and every function it may be built of (none that writes or lends rights).
DO $verify$
DECLARE
  the_function regprocedure;
BEGIN
  FOR the_function IN
    SELECT p.oid::regprocedure FROM pg_proc p
    WHERE p.pronamespace = to_regnamespace('audit') AND to_regrole('audit_admin') IS NOT NULL
      AND (p.proname = 'verify_chain'
           OR p.proname LIKE 'verify%' AND p.provolatile IN ('i', 's') AND NOT p.prosecdef AND p.prorettype <> 'trigger'::regtype)
  LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO audit_admin', the_function);
  END LOOP;
END
$verify$;
