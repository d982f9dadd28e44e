-- Settings of one reading transaction. Poolers drop session settings, so they are local to it: names are
-- looked up in pg_catalog alone, texts are those the seals were made over, and nothing waits for long.
-- Nothing here runs long enough to be worth compiling: over partitions that alone would take seconds.
-- With row security off, a policy that hides rows is an error and never a shorter log.
SELECT pg_catalog.set_config('search_path', 'pg_catalog', true),
       pg_catalog.set_config('TimeZone', 'UTC', true),
       pg_catalog.set_config('DateStyle', 'ISO, YMD', true),
       pg_catalog.set_config('row_security', 'off', true),
       pg_catalog.set_config('jit', 'off', true),
       pg_catalog.set_config('statement_timeout', %(statement_timeout)s, true),
       pg_catalog.set_config('lock_timeout', '5s', true),
       pg_catalog.set_config('idle_in_transaction_session_timeout', '0', true),
       CASE WHEN pg_catalog.current_setting('transaction_timeout', true) IS NOT NULL -- from version 17 on
            THEN pg_catalog.set_config('transaction_timeout', '0', true) END;
