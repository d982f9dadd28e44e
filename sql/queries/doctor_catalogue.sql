-- Everything the catalogue knows of the audit schema, as rows (class, object, property, value): what an
-- examination compares with a fresh installation, and what an installation compares before and after itself.
-- Bodies are hashed by the client: a server whose sha256() was replaced would find them all in order.
-- No oids, no order or spelling of grants, and no difference between versions of PostgreSQL. It wants
-- search_path = pg_catalog, so that names are printed alike everywhere.
WITH home AS (
  SELECT n.oid, n.nspowner, n.nspacl FROM pg_namespace n WHERE n.nspname = 'audit'
), named AS (
  -- Relations of the schema, and those elsewhere that belong to it: children, tables with its triggers.
  SELECT c.oid FROM pg_class c, home h WHERE c.relnamespace = h.oid AND c.relkind <> 't'
  UNION
  SELECT t.tgrelid FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN home h ON p.pronamespace = h.oid
), family AS (
  SELECT f.oid FROM (
    WITH RECURSIVE kin AS (
      SELECT oid FROM named
      UNION
      SELECT i.inhrelid FROM pg_inherits i JOIN kin k ON i.inhparent = k.oid
    ) SELECT oid FROM kin
    UNION -- sequences of their columns, which move with their table
    SELECT d.objid FROM kin k JOIN pg_depend d ON d.refobjid = k.oid AND d.refclassid = 'pg_class'::regclass
      AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
      JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S') f
), rel AS (
  SELECT c.*, ARRAY[n.nspname::text, c.relname::text] AS name
  FROM pg_class c JOIN family f ON f.oid = c.oid JOIN pg_namespace n ON n.oid = c.relnamespace
)
-- The schema itself, and what it holds.
SELECT 'schema'::text AS class, ARRAY['audit'] AS object, v.property, v.value
  FROM home h CROSS JOIN LATERAL (VALUES
    ('owner', pg_get_userbyid(h.nspowner)::text),
    ('comment', obj_description(h.oid, 'pg_namespace'))) v(property, value)
UNION ALL
SELECT 'relation', r.name, v.property, v.value
  FROM rel r
  LEFT JOIN pg_partitioned_table pt ON pt.partrelid = r.oid
  CROSS JOIN LATERAL (VALUES
    ('kind', r.relkind::text),
    ('owner', pg_get_userbyid(r.relowner)::text),
    ('persistence', r.relpersistence::text),
    ('row security', CASE WHEN r.relkind IN ('r', 'p')
       THEN CASE WHEN r.relforcerowsecurity THEN 'forced' WHEN r.relrowsecurity THEN 'on' ELSE 'off' END END),
    ('options', (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(r.reloptions) o)),
    ('tablespace', (SELECT s.spcname::text FROM pg_tablespace s WHERE s.oid = r.reltablespace)),
    ('access method', CASE WHEN r.relkind IN ('r', 'm') THEN (SELECT m.amname::text FROM pg_am m WHERE m.oid = r.relam) END),
    ('replica identity', CASE WHEN r.relkind IN ('r', 'p') THEN r.relreplident::text END),
    -- What the server goes by when it looks whether there is anything to fire, to keep or to check.
    ('fires triggers', CASE WHEN r.relkind IN ('r', 'p') THEN r.relhastriggers::text END),
    ('keeps indexes', CASE WHEN r.relkind IN ('r', 'p') THEN r.relhasindex::text END),
    ('checks', CASE WHEN r.relkind IN ('r', 'p') THEN r.relchecks::text END),
    ('numbers', (SELECT format('by %s through %s%s', s.seqincrement, s.seqmax, CASE WHEN s.seqcycle THEN ', in a circle' END)
                   FROM pg_sequence s WHERE s.seqrelid = r.oid)),
    ('partition key', pg_get_partkeydef(pt.partrelid)),
    ('partition bound', CASE WHEN r.relispartition THEN pg_get_expr(r.relpartbound, r.oid) END),
    ('parents', (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhparent::regclass::text COLLATE "C")
                   FROM pg_inherits i WHERE i.inhrelid = r.oid)),
    -- A dump leaves out what belongs to an extension, and whoever drops the extension drops it.
    ('extension', (SELECT min(e.extname::text) FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
                    WHERE d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_extension'::regclass
                      AND d.deptype = 'e')),
    ('view', CASE WHEN r.relkind IN ('v', 'm') THEN pg_get_viewdef(r.oid) END),
    ('comment', obj_description(r.oid, 'pg_class'))) v(property, value)
  WHERE r.relkind NOT IN ('i', 'I') AND v.value IS NOT NULL
UNION ALL
SELECT 'index', t.name || r.relname::text, v.property, v.value
  FROM rel t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class r ON r.oid = x.indexrelid
  CROSS JOIN LATERAL (VALUES
    ('definition', pg_get_indexdef(r.oid)),
    ('state', CASE WHEN NOT (x.indisvalid AND x.indisready AND x.indislive) THEN 'invalid'
                   WHEN x.indisunique AND NOT x.indimmediate THEN 'deferred' ELSE 'valid' END),
    ('of constraint', (SELECT min(k.conname::text) FROM pg_constraint k WHERE k.conindid = r.oid AND k.contype IN ('p', 'u', 'x'))),
    ('unique', x.indisunique::text),
    ('computed', (x.indexprs IS NOT NULL OR x.indpred IS NOT NULL)::text),
    ('parent', (SELECT p.relname::text FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent WHERE i.inhrelid = r.oid)),
    ('owner', pg_get_userbyid(r.relowner)::text),
    ('persistence', r.relpersistence::text),
    ('options', (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(r.reloptions) o)),
    ('marks', concat(CASE WHEN x.indisreplident THEN 'replica identity ' END, CASE WHEN x.indisclustered THEN 'clustered' END)),
    ('comment', obj_description(r.oid, 'pg_class'))) v(property, value)
  WHERE v.value IS NOT NULL
UNION ALL
SELECT 'column', r.name || a.attname::text, v.property, v.value
  FROM rel r
  JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
  CROSS JOIN LATERAL (VALUES
    ('type', format_type(a.atttypid, a.atttypmod)),
    ('place', (SELECT count(*)::text FROM pg_attribute b
                WHERE b.attrelid = r.oid AND b.attnum BETWEEN 1 AND a.attnum AND NOT b.attisdropped)),
    -- PostgreSQL 18 keeps NOT NULL as constraints, which may be there and yet not hold for old rows.
    ('not null', CASE WHEN NOT a.attnotnull THEN 'no' WHEN EXISTS (
        SELECT FROM pg_constraint k WHERE k.conrelid = r.oid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum]
          AND NOT k.convalidated) THEN 'not validated' ELSE 'yes' END),
    ('identity', nullif(a.attidentity::text, '')),
    ('generated', nullif(a.attgenerated::text, '')),
    ('default', pg_get_expr(d.adbin, d.adrelid)),
    ('compression', nullif(a.attcompression::text, '')),
    ('collation', (SELECT c.collname::text FROM pg_collation c WHERE c.oid = a.attcollation AND c.collname <> 'default')),
    ('comment', col_description(r.oid, a.attnum))) v(property, value)
  WHERE r.relkind IN ('r', 'p', 'v', 'm', 'f') AND v.value IS NOT NULL
UNION ALL
SELECT 'constraint', r.name || k.conname::text, v.property, v.value
  FROM pg_constraint k JOIN rel r ON r.oid = k.conrelid
  CROSS JOIN LATERAL (VALUES
    ('definition', regexp_replace(pg_get_constraintdef(k.oid), ' (NOT VALID|NOT ENFORCED)', '', 'g')),
    ('state', CASE WHEN to_jsonb(k) ->> 'conenforced' = 'false' THEN 'not enforced'
                   WHEN NOT k.convalidated THEN 'not validated' ELSE 'valid' END),
    ('inherited', (k.coninhcount > 0)::text),
    ('deferred', CASE WHEN k.condeferred THEN 'yes' END),
    ('comment', obj_description(k.oid, 'pg_constraint'))) v(property, value)
  WHERE k.contype NOT IN ('n', 't') AND v.value IS NOT NULL
UNION ALL
SELECT 'trigger', r.name || t.tgname::text, v.property, v.value
  FROM pg_trigger t JOIN rel r ON r.oid = t.tgrelid JOIN pg_proc f ON f.oid = t.tgfoid
  CROSS JOIN LATERAL (VALUES
    ('mode', t.tgenabled::text),
    ('definition', pg_get_triggerdef(t.oid)),
    ('before insert', (t.tgtype & 7 = 7)::text), -- row 1, before 2, insert 4
    ('cloned', (t.tgparentid <> 0)::text),
    ('comment', obj_description(t.oid, 'pg_trigger'))) v(property, value)
  -- Internal are those of foreign keys and deferred keys; anything else that says so hides.
  WHERE NOT (t.tgisinternal AND f.oid < 16384 AND f.prosrc ~ '^(RI_FKey_|unique_key_recheck)') AND v.value IS NOT NULL
UNION ALL
SELECT 'rule', r.name || w.rulename::text, v.property, v.value
  FROM pg_rewrite w JOIN rel r ON r.oid = w.ev_class
  CROSS JOIN LATERAL (VALUES ('definition', pg_get_ruledef(w.oid)), ('mode', w.ev_enabled::text)) v(property, value)
  WHERE NOT (w.rulename = '_RETURN' AND r.relkind IN ('v', 'm'))
UNION ALL
SELECT 'policy', r.name || y.polname::text, v.property, v.value
  FROM pg_policy y JOIN rel r ON r.oid = y.polrelid
  CROSS JOIN LATERAL (VALUES
    ('command', y.polcmd::text),
    ('permissive', y.polpermissive::text),
    ('roles', (SELECT string_agg(CASE m WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(m)::text END, ', '
                 ORDER BY CASE m WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(m)::text END COLLATE "C") FROM unnest(y.polroles) m)),
    ('using', pg_get_expr(y.polqual, y.polrelid)),
    ('check', pg_get_expr(y.polwithcheck, y.polrelid)),
    ('comment', obj_description(y.oid, 'pg_policy'))) v(property, value)
  WHERE v.value IS NOT NULL
UNION ALL
SELECT 'function', ARRAY[p.proname::text, oidvectortypes(p.proargtypes)], v.property, v.value
  FROM pg_proc p JOIN home h ON p.pronamespace = h.oid
  JOIN pg_language l ON l.oid = p.prolang
  CROSS JOIN LATERAL (VALUES
    ('body', p.prosrc || coalesce(pg_get_function_sqlbody(p.oid), '')),
    ('kind', p.prokind::text),
    ('language', l.lanname::text),
    ('owner', pg_get_userbyid(p.proowner)::text),
    ('security', CASE WHEN p.prosecdef THEN 'definer' ELSE 'invoker' END),
    ('settings', (SELECT string_agg(s, '; ' ORDER BY s COLLATE "C") FROM unnest(p.proconfig) s)),
    ('volatility', p.provolatile::text),
    ('parallel', p.proparallel::text),
    ('strict', p.proisstrict::text),
    ('leakproof', p.proleakproof::text),
    ('result', pg_get_function_result(p.oid)),
    ('arguments', CASE WHEN p.prokind <> 'a' THEN pg_get_function_arguments(p.oid) END),
    ('library', p.probin),
    ('support', CASE WHEN p.prosupport <> 0 THEN p.prosupport::regprocedure::text END),
    ('cost', p.procost::text),
    ('rows', p.prorows::text),
    ('extension', (SELECT min(e.extname::text) FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
                    WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_extension'::regclass
                      AND d.deptype = 'e')),
    ('comment', obj_description(p.oid, 'pg_proc'))) v(property, value)
  WHERE v.value IS NOT NULL
UNION ALL
SELECT 'type', ARRAY[t.typname::text], v.property, v.value
  FROM pg_type t JOIN home h ON t.typnamespace = h.oid
  CROSS JOIN LATERAL (VALUES
    ('kind', t.typtype::text), ('owner', pg_get_userbyid(t.typowner)::text),
    ('base', CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END),
    ('not null', t.typnotnull::text),
    ('comment', obj_description(t.oid, 'pg_type'))) v(property, value)
  WHERE t.typrelid = 0 AND t.typelem = 0 AND v.value IS NOT NULL
UNION ALL
SELECT 'operator', ARRAY[o.oprname::text, coalesce(nullif(o.oprleft, 0)::regtype::text, 'NONE'), o.oprright::regtype::text],
       'function', o.oprcode::text
  FROM pg_operator o JOIN home h ON o.oprnamespace = h.oid
UNION ALL
SELECT 'collation', ARRAY[c.collname::text], 'provider', c.collprovider::text
  FROM pg_collation c JOIN home h ON c.collnamespace = h.oid
UNION ALL
SELECT 'event trigger', ARRAY[e.evtname::text], v.property, v.value
  FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid JOIN home h ON p.pronamespace = h.oid
  CROSS JOIN LATERAL (VALUES
    ('event', e.evtevent::text), ('mode', e.evtenabled::text), ('function', p.proname::text),
    ('tags', array_to_string(e.evttags, ', ')), ('owner', pg_get_userbyid(e.evtowner)::text), ('comment', obj_description(e.oid, 'pg_event_trigger'))) v(property, value)
  WHERE v.value IS NOT NULL
-- The roles that an installation makes, and the owner.
UNION ALL
SELECT 'role', ARRAY[r.rolname::text], v.property, v.value
  FROM pg_roles r CROSS JOIN LATERAL (VALUES
    ('attributes', concat_ws(' ', CASE WHEN r.rolcanlogin THEN 'login' END, CASE WHEN r.rolsuper THEN 'superuser' END,
       CASE WHEN r.rolcreaterole THEN 'createrole' END, CASE WHEN r.rolcreatedb THEN 'createdb' END,
       CASE WHEN r.rolbypassrls THEN 'bypassrls' END, CASE WHEN r.rolreplication THEN 'replication' END)),
    ('comment', shobj_description(r.oid, 'pg_authid'))) v(property, value)
  WHERE v.value IS NOT NULL
    AND (r.rolname IN ('audit_reader', 'audit_writer', 'audit_admin', 'audit_eraser', 'audit_archivist')
         OR r.oid = (SELECT h.nspowner FROM home h))
-- Who may do what. An empty grantee is PUBLIC.
UNION ALL
SELECT 'grant', g.object || coalesce(pg_get_userbyid(nullif(x.grantee, 0))::text, ''), lower(x.privilege_type),
       CASE WHEN bool_or(x.is_grantable) THEN 'grantable' ELSE 'yes' END
  FROM (
    SELECT ARRAY['schema', 'audit'] AS object, coalesce(h.nspacl, acldefault('n', h.nspowner)) AS acl FROM home h
    UNION ALL
    SELECT ARRAY[CASE r.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END] || r.name,
           coalesce(r.relacl, acldefault(CASE r.relkind WHEN 'S' THEN 's'::"char" ELSE 'r' END, r.relowner))
      FROM rel r WHERE r.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL
    SELECT ARRAY['column'] || r.name || a.attname::text, a.attacl
      FROM rel r JOIN pg_attribute a ON a.attrelid = r.oid AND NOT a.attisdropped AND a.attacl IS NOT NULL
    UNION ALL
    SELECT ARRAY['function', p.proname::text, oidvectortypes(p.proargtypes)], coalesce(p.proacl, acldefault('f', p.proowner))
      FROM pg_proc p JOIN home h ON p.pronamespace = h.oid) g
  CROSS JOIN LATERAL aclexplode(g.acl) x
  GROUP BY g.object, x.grantee, x.privilege_type
-- Rights that objects made later would be born with.
UNION ALL
SELECT 'default grant', ARRAY[pg_get_userbyid(d.defaclrole)::text, coalesce((SELECT n.nspname::text FROM pg_namespace n
         WHERE n.oid = d.defaclnamespace), ''), d.defaclobjtype::text, coalesce(pg_get_userbyid(nullif(x.grantee, 0))::text, '')],
       lower(x.privilege_type), CASE WHEN bool_or(x.is_grantable) THEN 'grantable' ELSE 'yes' END
  FROM pg_default_acl d CROSS JOIN home h CROSS JOIN LATERAL aclexplode(d.defaclacl) x
  WHERE (d.defaclnamespace = h.oid OR d.defaclnamespace = 0) AND x.grantee <> d.defaclrole
    AND (d.defaclnamespace = h.oid OR d.defaclrole IN (SELECT r.relowner FROM rel r) OR d.defaclrole = h.nspowner)
  GROUP BY d.defaclrole, d.defaclnamespace, d.defaclobjtype, x.grantee, x.privilege_type
