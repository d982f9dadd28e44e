-- What tells one cluster and database from another; NULL where the role may not ask.
SELECT CASE WHEN has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
            THEN (SELECT system_identifier::text FROM pg_control_system()) END AS system_identifier,
       CASE WHEN has_function_privilege('pg_catalog.pg_control_checkpoint()', 'EXECUTE')
            THEN (SELECT timeline_id::int FROM pg_control_checkpoint()) END AS timeline,
       (SELECT oid::int8 FROM pg_database WHERE datname = current_database()) AS database_oid;
