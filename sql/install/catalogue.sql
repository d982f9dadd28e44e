-- Everything the catalogue knows of the audit schema, one line per object: what an install changed is seen by
-- comparing before and after. Independent of oids, of the order and spelling of grants and of session settings.
SELECT line FROM (
  SELECT concat_ws(' | ', 'schema', n.nspname, pg_get_userbyid(n.nspowner),
                   (SELECT string_agg(x::text, ',' ORDER BY x::text COLLATE "C") FROM unnest(coalesce(n.nspacl, acldefault('n', n.nspowner))) x),
                   obj_description(n.oid, 'pg_namespace')) AS line
    FROM pg_namespace n WHERE n.nspname = 'audit'
  UNION ALL
  SELECT concat_ws(' | ', 'relation', c.relname, c.relkind, pg_get_userbyid(c.relowner), c.relpersistence,
                   c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.reloptions,
                   (SELECT string_agg(x::text, ',' ORDER BY x::text COLLATE "C") FROM unnest(coalesce(c.relacl,
                     acldefault(CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r' END, c.relowner))) x),
                   CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
                   pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid),
                   (SELECT string_agg(i.inhparent::regclass::text, ',' ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid),
                   obj_description(c.oid, 'pg_class'))
    FROM pg_class c WHERE c.relnamespace = to_regnamespace('audit') AND c.relkind NOT IN ('i', 'I')
  UNION ALL
  SELECT concat_ws(' | ', 'index', i.indexrelid::regclass, pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready,
                   i.indisreplident, i.indisclustered, obj_description(i.indexrelid, 'pg_class'))
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = to_regnamespace('audit')
  UNION ALL
  SELECT concat_ws(' | ', 'column', c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod),
                   a.attnotnull, a.attidentity, a.attgenerated, a.attcompression, pg_get_expr(d.adbin, d.adrelid),
                   (SELECT string_agg(x::text, ',' ORDER BY x::text COLLATE "C") FROM unnest(a.attacl) x),
                   col_description(c.oid, a.attnum))
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = to_regnamespace('audit') AND c.relkind IN ('r', 'p', 'v', 'm')
  UNION ALL
  SELECT concat_ws(' | ', 'constraint', c.relname, k.conname, pg_get_constraintdef(k.oid), k.convalidated,
                   obj_description(k.oid, 'pg_constraint'))
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE c.relnamespace = to_regnamespace('audit')
  UNION ALL
  SELECT concat_ws(' | ', 'trigger', c.relname, t.tgname, pg_get_triggerdef(t.oid), t.tgenabled,
                   obj_description(t.oid, 'pg_trigger'))
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = to_regnamespace('audit') AND NOT t.tgisinternal
  UNION ALL
  SELECT concat_ws(' | ', 'event trigger', e.evtname, e.evtevent, e.evtenabled, e.evttags, e.evtfoid::regprocedure,
                   pg_get_userbyid(e.evtowner), obj_description(e.oid, 'pg_event_trigger'))
    FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid WHERE p.pronamespace = to_regnamespace('audit')
  UNION ALL
  SELECT concat_ws(' | ', 'function', p.oid::regprocedure, pg_get_functiondef(p.oid), pg_get_userbyid(p.proowner),
                   (SELECT string_agg(x::text, ',' ORDER BY x::text COLLATE "C") FROM unnest(coalesce(p.proacl, acldefault('f', p.proowner))) x),
                   obj_description(p.oid, 'pg_proc'))
    FROM pg_proc p WHERE p.pronamespace = to_regnamespace('audit') AND p.prokind IN ('f', 'p')
  UNION ALL
  SELECT concat_ws(' | ', 'type', t.typname, t.typtype, format_type(t.typbasetype, t.typtypmod), t.typnotnull,
                   pg_get_userbyid(t.typowner), obj_description(t.oid, 'pg_type'))
    FROM pg_type t WHERE t.typnamespace = to_regnamespace('audit') AND t.typrelid = 0 AND t.typelem = 0
  UNION ALL
  SELECT concat_ws(' | ', 'rule', c.relname, pg_get_ruledef(r.oid), r.ev_enabled)
    FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE c.relnamespace = to_regnamespace('audit')
  UNION ALL
  SELECT concat_ws(' | ', 'policy', c.relname, y.polname, y.polcmd, y.polpermissive,
                   (SELECT string_agg(x::regrole::text, ',' ORDER BY x::regrole::text COLLATE "C") FROM unnest(y.polroles) x),
                   pg_get_expr(y.polqual, y.polrelid), pg_get_expr(y.polwithcheck, y.polrelid),
                   obj_description(y.oid, 'pg_policy'))
    FROM pg_policy y JOIN pg_class c ON c.oid = y.polrelid WHERE c.relnamespace = to_regnamespace('audit')
  UNION ALL
  SELECT concat_ws(' | ', 'default grants', pg_get_userbyid(d.defaclrole), d.defaclobjtype,
                   (SELECT string_agg(x::text, ',' ORDER BY x::text COLLATE "C") FROM unnest(d.defaclacl) x))
    FROM pg_default_acl d WHERE d.defaclnamespace = to_regnamespace('audit')
  UNION ALL
  SELECT concat_ws(' | ', 'event trigger', e.evtname, e.evtevent, e.evtenabled, p.oid::regprocedure, e.evttags,
                   obj_description(e.oid, 'pg_event_trigger'))
    FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid WHERE p.pronamespace = to_regnamespace('audit')
  UNION ALL
  SELECT concat_ws(' | ', 'role', r.rolname, r.rolcanlogin, r.rolsuper, r.rolcreaterole,
                   shobj_description(r.oid, 'pg_authid'))
    FROM pg_roles r WHERE r.rolname IN ('audit_reader', 'audit_writer', 'audit_admin', 'audit_eraser', 'audit_archivist')
       OR r.oid = (SELECT n.nspowner FROM pg_namespace n WHERE n.nspname = 'audit')
) AS catalogue
