-- Back to whoever installs; a membership that 0011_owner.sql lent ends here.
DO $leave$
BEGIN
  PERFORM set_config('role', current_setting('audit_install.came_as'), true);
  IF current_setting('audit_install.joined') = 'yes' THEN
    EXECUTE format('REVOKE audit_owner FROM %I', current_user);
    PERFORM set_config('audit_install.joined', 'no', true);
  END IF;
END
$leave$;
