-- The layout by time range. A first install that asks for it gives the table that 0030_table.sql has just made, and
-- that nothing was ever written to, another one of the same columns and checks in its place.
--   PRIMARY KEY (tenant_id, sequence_number, timestamp): PostgreSQL wants the partition key in every unique key.
--   What the key no longer says, that a sequence and an event_id occur once, the sealing trigger sees to.
--   id comes from its sequence by the sealing trigger (an identity column of a partitioned table differs between
--   versions); timestamp has the clock as its default, since a row is routed by it before any trigger runs.

DO $partitioned$
BEGIN
  IF current_setting('audit_install.layout') <> 'partitioned'
     OR (SELECT c.relkind FROM pg_class c WHERE c.oid = 'audit.logs'::regclass) = 'p' THEN
    RETURN;
  END IF;
  IF current_setting('audit_install.installed') <> '0' OR EXISTS (SELECT FROM audit.logs) THEN
    RAISE EXCEPTION 'audit.logs is a plain table: a log keeps the layout that it was made with' USING ERRCODE = '55000';
  END IF;
  CREATE TABLE audit.logs_by_time (LIKE audit.logs INCLUDING CONSTRAINTS) PARTITION BY RANGE (timestamp);
  DROP TABLE audit.logs;
  ALTER TABLE audit.logs_by_time RENAME TO logs;
  CREATE SEQUENCE audit.logs_id_seq OWNED BY audit.logs.id;
  ALTER TABLE audit.logs ALTER COLUMN timestamp SET DEFAULT clock_timestamp(),
    ADD CONSTRAINT logs_pkey PRIMARY KEY (tenant_id, sequence_number, timestamp);
END
$partitioned$;

-- Which partition the head of a chain lies in, so that it is looked for in one place and not in each.
DO $places$
BEGIN
  IF current_setting('audit_install.layout') <> 'partitioned' THEN
    RETURN;
  END IF;
  CREATE TABLE IF NOT EXISTS audit.chain_places (
    tenant_id       varchar(50) CONSTRAINT chain_places_pkey PRIMARY KEY,
    partition       name,
    span            tstzrange,
    first_sequence  bigint
  ) WITH (fillfactor = 50);
  COMMENT ON TABLE audit.chain_places IS
    'In which partition the head of each chain lies. Only a short cut: without a row every partition is asked';
  COMMENT ON COLUMN audit.chain_places.tenant_id IS 'Whose chain';
  COMMENT ON COLUMN audit.chain_places.partition IS 'The partition of its head; NULL where that has to be looked up';
  COMMENT ON COLUMN audit.chain_places.span IS 'The times that this partition takes (default: around the event)';
  COMMENT ON COLUMN audit.chain_places.first_sequence IS 'The sequence with which the chain came into this partition';
  COMMENT ON CONSTRAINT chain_places_pkey ON audit.chain_places IS 'One row per tenant';
  COMMENT ON INDEX audit.chain_places_pkey IS 'The row of a tenant';
END
$places$;
