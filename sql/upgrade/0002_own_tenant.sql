-- Version 2 keeps the tenant _audit for the schema itself. Events that an application logged there stay and verify.
DO $own_tenant$
BEGIN
  IF EXISTS (SELECT FROM audit.logs l WHERE l.tenant_id = '_audit') THEN
    RAISE WARNING 'the tenant "_audit" holds events of an application: from version 2 on only the schema itself writes to it'
      USING ERRCODE = '01AUD';
  END IF;
END
$own_tenant$;
