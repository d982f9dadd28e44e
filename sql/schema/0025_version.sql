-- A newer layout is not for these files.
DO $version$
DECLARE
  installed integer;
BEGIN
  IF to_regclass('audit.schema_info') IS NOT NULL THEN
    SELECT i.version INTO installed FROM audit.schema_info i;
    IF installed > 1 THEN
      RAISE EXCEPTION 'the audit schema here is version %, newer than this audit-tui knows (1)', installed
        USING ERRCODE = '55000', HINT = 'use a newer audit-tui';
    END IF;
  END IF;
END
$version$;
