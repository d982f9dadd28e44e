-- The row of a chain is what tells a writer with an old snapshot that the chain has gone on: it fails with 40001
-- there. With the row gone it would begin where its snapshot ends, and in the layout by time no key stops the second
-- event of that sequence. Nothing needs a row to go, so it stays, whoever asks.

CREATE OR REPLACE FUNCTION audit.keep_chain_rows() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'The row of a chain stays as long as the log: % of audit.chains is not allowed.',
    CASE TG_OP WHEN 'UPDATE' THEN 'a new tenant_id in a row' ELSE TG_OP END USING ERRCODE = 'restrict_violation';
END
$$;
COMMENT ON FUNCTION audit.keep_chain_rows() IS
  'Trigger: DELETE and TRUNCATE of audit.chains, and renaming a row, are refused for everyone';

-- Renaming is refused by the statement: a row trigger for UPDATE would cost every event that is logged.
CREATE OR REPLACE TRIGGER chains_keep_row BEFORE DELETE ON audit.chains
  FOR EACH ROW EXECUTE FUNCTION audit.keep_chain_rows();
CREATE OR REPLACE TRIGGER chains_keep_rows BEFORE TRUNCATE OR UPDATE OF tenant_id ON audit.chains
  FOR EACH STATEMENT EXECUTE FUNCTION audit.keep_chain_rows();
ALTER TABLE audit.chains ENABLE ALWAYS TRIGGER chains_keep_row, ENABLE ALWAYS TRIGGER chains_keep_rows;
COMMENT ON TRIGGER chains_keep_row ON audit.chains IS
  'DELETE is refused, also under session_replication_role = replica';
COMMENT ON TRIGGER chains_keep_rows ON audit.chains IS
  'TRUNCATE and renaming are refused, also under session_replication_role = replica';
