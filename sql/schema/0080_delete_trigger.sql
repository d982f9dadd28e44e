-- DELETE is refused.
CREATE OR REPLACE FUNCTION audit.refuse_delete() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'Audit logs are immutable. DELETE is not allowed.' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE OR REPLACE TRIGGER logs_90_refuse_delete BEFORE DELETE ON audit.logs
  FOR EACH ROW EXECUTE FUNCTION audit.refuse_delete();
ALTER TABLE audit.logs ENABLE ALWAYS TRIGGER logs_90_refuse_delete;
