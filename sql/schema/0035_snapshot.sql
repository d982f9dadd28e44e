-- What moves events into another table, or drops the table they lie in, has to see every one of them.

-- In READ COMMITTED each statement sees what was committed before it began: one that comes after a lock on the table
-- sees all there is, and the lock keeps it so. Under any other level the transaction goes on seeing the log as it was
-- at its first statement. Events that came later are still there to be dropped, but not to be counted or copied.
CREATE OR REPLACE FUNCTION audit.refuse_old_snapshot() RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
    RAISE EXCEPTION 'a transaction that is % does not see what others commit, and would lose it: nothing was changed',
      current_setting('transaction_isolation') USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'BEGIN ISOLATION LEVEL READ COMMITTED, or SET default_transaction_isolation = ''read committed'' before it';
  END IF;
END
$$;
COMMENT ON FUNCTION audit.refuse_old_snapshot() IS
  'Raises 55000 in a transaction that keeps its first snapshot (REPEATABLE READ, SERIALIZABLE)';
