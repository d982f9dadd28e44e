-- A newer schema is not for these files, and an older one is brought up step by step (sql/upgrade).
DO $version$
DECLARE
  installed integer := current_setting('audit_install.installed');
  present   integer := current_setting('audit_install.version');
  upgrading boolean := current_setting('audit_install.upgrade') = 'on';
BEGIN
  IF installed > present THEN
    RAISE EXCEPTION 'the audit schema here is version %, newer than this audit-tui knows (%)', installed, present
      USING ERRCODE = '55000', HINT = 'use a newer audit-tui';
  ELSIF installed BETWEEN 1 AND present - 1 AND NOT upgrading THEN
    RAISE EXCEPTION 'the audit schema here is version %, this audit-tui makes version %', installed, present
      USING ERRCODE = '55000', HINT = 'audit-tui upgrade';
  ELSIF installed = 0 AND upgrading THEN
    RAISE EXCEPTION 'there is no audit schema to upgrade in the database %', quote_ident(current_database())
      USING ERRCODE = '55000', HINT = 'audit-tui install';
  END IF;
END
$version$;

-- Until here a wait kept nobody else waiting: for another install's turn, for roles that one in another database
-- is making. From here on tables of the log are locked, and whoever logs waits behind whoever waits for one.
DO $patience$
BEGIN
  PERFORM set_config('lock_timeout', current_setting('audit_install.lock_timeout'), true);
END
$patience$;
