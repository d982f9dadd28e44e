-- An upgrade may have to drop a function whose arguments or result change. What applications and people were
-- granted on it is given again on the function of that name (0093); PUBLIC and our own roles are seen to in 0090.
DO $kept$
BEGIN
  PERFORM set_config('audit_install.kept_grants', coalesce((
    SELECT jsonb_agg(DISTINCT jsonb_build_object(
             'was', p.oid, 'function', p.proname, 'role', pg_get_userbyid(x.grantee), 'again', x.is_grantable))
    FROM pg_proc p CROSS JOIN LATERAL aclexplode(p.proacl) AS x
    WHERE p.pronamespace = to_regnamespace('audit') AND x.grantee <> 0 AND x.grantee <> p.proowner)::text, '[]'), true);
  PERFORM set_config('audit_install.kept_functions', coalesce((
    SELECT string_agg(p.oid::text, ' ') FROM pg_proc p WHERE p.pronamespace = to_regnamespace('audit')), ''), true);
END
$kept$;
