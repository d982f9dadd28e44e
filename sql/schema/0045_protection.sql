-- Append-only: UPDATE, DELETE and TRUNCATE are refused for everyone, the owner and superusers included.
-- What 0070 and 0080 prove to be an authorised removal passes; they replace the two functions here.

CREATE OR REPLACE FUNCTION audit.refuse_truncate() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'Audit logs are immutable. TRUNCATE is not allowed.' USING ERRCODE = 'restrict_violation';
END
$$;

CREATE OR REPLACE TRIGGER logs_refuse_truncate BEFORE TRUNCATE ON audit.logs
  FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_truncate();
ALTER TABLE audit.logs ENABLE ALWAYS TRIGGER logs_refuse_truncate;
