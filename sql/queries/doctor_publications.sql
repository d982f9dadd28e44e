-- Publications that hand on a table of the schema. Row filters and column lists came with PostgreSQL 15.
SELECT p.pubname::text, t.tablename::text, to_jsonb(t) ->> 'rowfilter',
       CASE WHEN jsonb_array_length(to_jsonb(t) -> 'attnames') < (
              SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
              WHERE n.nspname = t.schemaname AND c.relname = t.tablename)
            THEN (SELECT string_agg(x, ', ' ORDER BY x) FROM jsonb_array_elements_text(to_jsonb(t) -> 'attnames') x) END,
       concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                 CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END)
  FROM pg_publication p JOIN pg_publication_tables t ON t.pubname = p.pubname
 WHERE t.schemaname = 'audit'
 ORDER BY 1, 2
