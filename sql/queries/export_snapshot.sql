-- The name of this transaction's snapshot, for other connections to read by.
SELECT pg_export_snapshot();
