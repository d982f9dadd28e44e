-- Row security stays off, unless every policy on audit.logs is this tool's own tenant isolation, to the letter:
-- only that may narrow what is read, and the probe then says so. (Runs after the search path was pinned: here
-- names need no schema.)
SELECT set_config('row_security', 'on', true)
  FROM (SELECT string_agg(concat_ws(' ', p.polname, p.polcmd, p.polpermissive,
                 (SELECT string_agg(r::regrole::text, ',' ORDER BY r::regrole::text) FROM unnest(p.polroles) r),
                 regexp_replace(pg_get_expr(p.polqual, p.polrelid), '\s+', ' ', 'g'),
                 pg_get_expr(p.polwithcheck, p.polrelid)), E'\n' ORDER BY p.polname) AS found
          FROM pg_policy p
          JOIN pg_class c ON c.oid = p.polrelid AND c.relrowsecurity
          JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'audit' AND c.relname = 'logs' AND row_security_active(c.oid)) AS policies
 WHERE found = 'tenant_isolation_keepers r t audit_admin,audit_archivist,audit_eraser true
tenant_isolation_readers r t audit_reader ((tenant_id)::text = ANY ((ARRAY( SELECT r.tenant_id FROM audit.tenant_readers r WHERE pg_has_role(CURRENT_USER, (to_regrole(quote_ident((r.role_name)::text)))::oid, ''USAGE''::text)))::text[]))
tenant_isolation_writers a t audit_writer true';
