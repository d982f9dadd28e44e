-- What the installation noted of itself, as one document: an older schema has no options.
SELECT to_jsonb(i)::text AS info FROM audit.schema_info i LIMIT 1
