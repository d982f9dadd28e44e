-- What the server is, and all that differs between PostgreSQL 14 and 18 while the schema is made. This is the one
-- place where a version is asked for; the other files ask for the setting made here.
--
--   setting                           14, 15     16 to 18   why
--   audit_install.become              MEMBER     SET        16 split "may become the role" (SET) from membership
--   audit_install.createrole_grants   on         off        before 16, CREATEROLE could grant every role that is
--                                                           no superuser; since, it needs ADMIN on that role
--   audit_install.join_options        (none)     WITH ...   since 16 a right to grant can be lent without the
--                                                           rights of the role itself
--   createrole_self_grant             (none)     ''         since 16 it would make whoever installs a member of
--                                                           every role made here, the owner too
--   transaction_timeout               (none)     0          since 17 it would end the install half way, for nothing
--
-- Nothing else differs: sha256() and gen_random_uuid() are core functions since 11 and 13, CREATE OR REPLACE TRIGGER
-- since 14; MAINTAIN (17) is within REVOKE ALL; NOT NULL constraints (18: in pg_constraint) bear the names 18 gives.

-- Session settings that would change how the text below is read.
SET LOCAL standard_conforming_strings = on;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL client_min_messages = warning;
SET LOCAL check_function_bodies = off; -- a function may call one that a later file makes
SET LOCAL "TimeZone" = 'UTC';
SET LOCAL "DateStyle" = 'ISO, YMD';
SET LOCAL quote_all_identifiers = off;
SET LOCAL default_table_access_method = heap; -- the log needs triggers and updates
SET LOCAL idle_in_transaction_session_timeout = 0;

DO $server$
DECLARE
  since_16 constant boolean := current_setting('server_version_num')::int >= 160000;
BEGIN
  IF current_setting('server_version_num')::int < 140000 THEN
    RAISE EXCEPTION 'PostgreSQL % is too old: the audit schema needs 14 or newer',
      current_setting('server_version') USING ERRCODE = '55000';
  END IF;
  PERFORM set_config('audit_install.become', CASE WHEN since_16 THEN 'SET' ELSE 'MEMBER' END, true);
  PERFORM set_config('audit_install.createrole_grants', CASE WHEN since_16 THEN 'off' ELSE 'on' END, true);
  PERFORM set_config('audit_install.join_options',
                     CASE WHEN since_16 THEN ' WITH ADMIN TRUE, INHERIT FALSE, SET FALSE' ELSE '' END, true);
  IF since_16 THEN
    PERFORM set_config('createrole_self_grant', '', true);
  END IF;
  IF current_setting('transaction_timeout', true) IS NOT NULL THEN
    PERFORM set_config('transaction_timeout', '0', true);
  END IF;
  -- Whoever came by SET ROLE leaves so again.
  PERFORM set_config('audit_install.came_as', current_setting('role'), true);
  PERFORM set_config('audit_install.installer', current_user, true);
END
$server$;
