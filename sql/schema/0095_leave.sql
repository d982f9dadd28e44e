-- Back to whoever installs; a membership that 0020_roles.sql lent ends here.
RESET ROLE;

DO $leave$
BEGIN
  IF current_setting('audit_install.joined', true) = 'yes' THEN
    EXECUTE format('REVOKE audit_owner FROM %I', current_user);
    PERFORM set_config('audit_install.joined', 'no', true);
  END IF;
END
$leave$;
