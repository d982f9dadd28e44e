-- Who may do what: the guide's matrix, and nothing for PUBLIC. Runs last, so that every function above is
-- covered whichever file made it.

REVOKE ALL ON SCHEMA audit FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA audit FROM PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA audit FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA audit FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA audit
  FROM audit_reader, audit_writer, audit_admin, audit_eraser, audit_archivist;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA audit
  FROM audit_reader, audit_writer, audit_admin, audit_eraser, audit_archivist;

GRANT USAGE ON SCHEMA audit TO audit_reader, audit_writer, audit_admin, audit_eraser, audit_archivist;

-- Writers insert and read nothing, not even what they wrote.
-- (Known limit: PostgreSQL evaluates a view's CHECK OPTION over the sealed row without asking for SELECT, so a
-- writer who may create views can learn sequence, link and salts of an event that they log: the link is the
-- hash of the tenant's head before it. No right or trigger of a table prevents that; grant writers no CREATE.)
GRANT INSERT ON audit.logs TO audit_writer;
GRANT EXECUTE ON FUNCTION audit.log_event TO audit_writer;

-- Reading includes what a reader needs to check a seal with their own eyes.
GRANT SELECT ON audit.logs, audit.schema_info TO audit_reader, audit_admin, audit_eraser, audit_archivist;
GRANT EXECUTE ON FUNCTION audit.identity_text, audit.snapshots_text, audit.details_text, audit.part_digest,
  audit.occurred_us, audit.seal_v2, audit.part_slice, audit.part_text, audit.is_erased_parts,
  audit.sealed_hash_v2, audit.sealed_hash_v1, audit.event_verifies TO audit_reader, audit_admin, audit_eraser, audit_archivist;

GRANT EXECUTE ON FUNCTION audit.approve_erasure, audit.erase TO audit_eraser;

-- Verifying: verify_chain, and every function it may be built of (none that writes or lends rights).
DO $verify$
DECLARE
  the_function regprocedure;
BEGIN
  FOR the_function IN
    SELECT p.oid::regprocedure FROM pg_proc p
    WHERE p.pronamespace = to_regnamespace('audit')
      AND (p.proname = 'verify_chain'
           OR p.proname LIKE 'verify%' AND p.provolatile IN ('i', 's') AND NOT p.prosecdef AND p.prorettype <> 'trigger'::regtype)
  LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO audit_admin', the_function);
  END LOOP;
END
$verify$;
