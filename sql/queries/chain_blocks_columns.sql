-- The columns as COPY would send them, for a look at their types. No row: but the table stays as it is, for this
-- keeps others from altering it until the transaction ends.
SELECT {columns}
  FROM audit.logs l
 LIMIT 0;
