-- What tells one running server and database from every other one, a replica and a copy included.
SELECT current_database()::text,
       (SELECT d.oid::int8 FROM pg_database d WHERE d.datname = current_database()),
       pg_postmaster_start_time()::text,
       pg_is_in_recovery();
