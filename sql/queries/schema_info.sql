SELECT version::int AS version, log_id::text AS log_id FROM audit.schema_info LIMIT 1;
