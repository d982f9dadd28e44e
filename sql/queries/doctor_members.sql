-- Who is a member of whom. Since PostgreSQL 16 a membership may be of no use but to be handed on.
SELECT pg_get_userbyid(m.roleid)::text, pg_get_userbyid(m.member)::text, bool_or(m.admin_option),
       bool_or(coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true)
               OR coalesce((to_jsonb(m) ->> 'set_option')::boolean, true))
  FROM pg_auth_members m GROUP BY m.roleid, m.member ORDER BY 1, 2;
