-- Roles that were there already are used as they are. What is unusual about them is said, not changed: each
-- warning here has SQLSTATE 01AUD, which the installer shows as a sentence of its result.

DO $reports$
DECLARE
  sentence text;
BEGIN
  FOR sentence IN
    WITH ours AS (
      SELECT r.*, r.rolname = 'audit_owner' AS owns FROM pg_roles r
      WHERE r.rolname IN ('audit_owner', 'audit_reader', 'audit_writer', 'audit_admin', 'audit_eraser', 'audit_archivist')
        AND r.rolname <> ALL (string_to_array(coalesce(current_setting('audit_install.made', true), ''), ' '))
    ), membership AS (
      -- Since 16 a membership may be the mere right to grant; and this install's own ends with it.
      SELECT m.roleid, m.member FROM pg_auth_members m
      WHERE coalesce((to_jsonb(m) ->> 'inherit_option')::boolean OR (to_jsonb(m) ->> 'set_option')::boolean, true)
        AND NOT (current_setting('audit_install.joined') = 'yes' AND m.roleid = to_regrole('audit_owner')
                 AND pg_get_userbyid(m.member) = current_setting('audit_install.installer'))
    )
    SELECT format('the role %I was there already and %s: it stays so', o.rolname, can.what)
      FROM ours o CROSS JOIN LATERAL (SELECT concat_ws(', ',
        CASE WHEN o.rolcanlogin THEN 'can log in' END, CASE WHEN o.rolsuper THEN 'is a superuser' END,
        CASE WHEN o.rolbypassrls THEN 'passes row security' END, CASE WHEN o.rolcreaterole THEN 'may create roles' END,
        CASE WHEN o.rolcreatedb THEN 'may create databases' END,
        CASE WHEN o.rolreplication THEN 'may replicate' END) AS what) can
      WHERE can.what <> ''
    UNION ALL
    SELECT format('the role %I has the rights of %s, of which it is a member: it stays so', o.rolname,
                  string_agg(m.roleid::regrole::text, ', ' ORDER BY m.roleid::regrole::text))
      FROM ours o JOIN membership m ON m.member = o.oid GROUP BY o.rolname
    UNION ALL
    SELECT CASE WHEN o.owns THEN format('members of the owner %I can do all that it can: %s', o.rolname, named.who)
           ELSE format('the role %I was there already: its members get its rights here too: %s', o.rolname, named.who) END
      FROM ours o CROSS JOIN LATERAL (
        SELECT string_agg(CASE WHEN n <= 5 THEN name ELSE 'and more' END, ', ' ORDER BY n) AS who
        FROM (SELECT m.member::regrole::text AS name, row_number() OVER (ORDER BY m.member::regrole::text) AS n
              FROM membership m WHERE m.roleid = o.oid) AS members WHERE n <= 6) AS named
      WHERE named.who IS NOT NULL AND (o.owns OR current_setting('audit_install.installed') = '0')
    UNION ALL
    SELECT format('the role %I has other things or rights in this database: %s', o.rolname, elsewhere.things)
      FROM ours o CROSS JOIN LATERAL (
        SELECT string_agg(CASE WHEN n <= 5 THEN what ELSE 'and more' END, ', ' ORDER BY n) AS things
        FROM (SELECT pg_describe_object(d.classid, d.objid, d.objsubid) AS what, row_number() OVER () AS n
              FROM pg_shdepend d
              CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) AS i
              WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = o.oid AND d.deptype IN ('a', 'o')
                AND d.dbid = (SELECT b.oid FROM pg_database b WHERE b.datname = current_database())
                AND i.schema IS DISTINCT FROM 'audit' AND i.identity <> 'audit') AS others WHERE n <= 6) AS elsewhere
      WHERE elsewhere.things IS NOT NULL
  LOOP
    RAISE WARNING '%', sentence USING ERRCODE = '01AUD';
  END LOOP;
END
$reports$;
