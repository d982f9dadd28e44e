-- How many pages a table's file has.
SELECT pg_relation_size(%(table)s::regclass) / current_setting('block_size')::int8;
