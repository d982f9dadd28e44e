-- Append-only: UPDATE, DELETE and TRUNCATE are refused for everyone, the owner and superusers included.
-- The two authorised removals are proved in 0070 (an erasure) and 0080 (an archived prefix).

CREATE OR REPLACE FUNCTION audit.refuse_truncate() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'Audit logs are immutable. TRUNCATE is not allowed.' USING ERRCODE = 'restrict_violation';
END
$$;

COMMENT ON FUNCTION audit.refuse_truncate() IS 'Trigger: TRUNCATE of the log is refused for everyone';

CREATE OR REPLACE TRIGGER logs_refuse_truncate BEFORE TRUNCATE ON audit.logs
  FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_truncate();
ALTER TABLE audit.logs ENABLE ALWAYS TRIGGER logs_refuse_truncate;
COMMENT ON TRIGGER logs_refuse_truncate ON audit.logs IS
  'TRUNCATE is refused, also under session_replication_role = replica';
