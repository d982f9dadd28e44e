-- Adopting: the seam. What was logged after the verification is verified here, while nobody writes; then each
-- tenant gets its audit.adopted event, the first of version 2, which names the head of the old chain and so pins
-- all of it. One tenant's time does not depend on the number of its old events. What does not verify is refused
-- with SQLSTATE ADT01.
--
--   audit_install.adopt_verified  {tenant: {"first", "last", "hash", "events", "findings": [...], "counts": {...}}}
--                                 as the client's verifier found the chains before

DO $seam$
DECLARE
  verified jsonb := nullif(current_setting('audit_install.adopt_verified', true), '');
  was jsonb;
  odd jsonb;
  worst text;
  counted bigint;
  tenant varchar;
  first bigint;
  since bigint;
  head record;
  own_id varchar;
BEGIN
  IF current_setting('audit_install.adopting') = 'off' THEN
    RETURN;
  END IF;
  IF verified IS NULL THEN
    RAISE EXCEPTION 'the old chains have not been verified: audit-tui install --adopt does that'
      USING ERRCODE = '55000', HINT = 'audit-tui install --adopt --dry-run prints a script that holds what it verified';
  END IF;
  IF (SELECT count(*) FROM jsonb_object_keys(verified) AS t (tenant)
      WHERE NOT EXISTS (SELECT FROM audit.logs l WHERE l.tenant_id = t.tenant)) > 0 THEN
    RAISE EXCEPTION 'a tenant that was verified has no events any more' USING ERRCODE = 'ADT01',
      HINT = 'someone is changing the log: find out who, before adopting it';
  END IF;

  SELECT l.tenant_id INTO tenant FROM audit.logs l ORDER BY l.tenant_id LIMIT 1;
  WHILE tenant IS NOT NULL LOOP
    SELECT l.sequence_number, l.event_hash INTO head FROM audit.logs l
      WHERE l.tenant_id = tenant ORDER BY l.tenant_id DESC, l.sequence_number DESC LIMIT 1;
    was := coalesce(verified -> tenant, '{"last": null, "events": 0, "findings": [], "counts": {}}');
    IF was ->> 'last' IS NOT NULL AND NOT EXISTS (
        SELECT FROM audit.logs l WHERE l.tenant_id = tenant AND l.sequence_number = (was ->> 'last')::bigint
          AND l.event_hash IS NOT DISTINCT FROM was ->> 'hash') THEN
      RAISE EXCEPTION 'event % of tenant % is no longer as it was verified', was ->> 'last', tenant USING ERRCODE = 'ADT01',
        HINT = 'someone is changing the log: find out who, before adopting it';
    END IF;
    odd := '[]';
    worst := NULL;
    counted := 0;
    IF was ->> 'last' IS NULL OR head.sequence_number > (was ->> 'last')::bigint THEN
      since := coalesce((was ->> 'last')::bigint + 1, -9223372036854775808);
      SELECT count(*) INTO counted FROM audit.logs l WHERE l.tenant_id = tenant AND l.sequence_number >= since;
      SELECT coalesce(jsonb_agg(jsonb_build_object('kind', v.kind, 'first', v.first_sequence, 'last', v.last_sequence)), '[]'),
             max(v.severity COLLATE "C") FILTER (WHERE v.severity IN ('inconclusive', 'tampered')) -- the graver is the later word
        INTO odd, worst FROM audit.verify_range(tenant, since, head.sequence_number) AS v
        WHERE v.kind IS NOT NULL AND v.severity <> 'notice';
    END IF;
    IF worst IS NOT NULL AND current_setting('audit_install.adopt_tampered') = 'off' THEN
      RAISE EXCEPTION 'what tenant % logged while the adoption was prepared does not verify: % at event %',
        tenant, odd -> 0 ->> 'kind', odd -> 0 ->> 'first'
        USING ERRCODE = CASE worst WHEN 'tampered' THEN 'ADT01' ELSE '55000' END,
        HINT = 'verify the log again; --adopt-tampered records what is found';
    END IF;

    SELECT min(l.sequence_number) INTO first FROM audit.logs l WHERE l.tenant_id = tenant;
    own_id := 'evt_' || replace(gen_random_uuid()::text, '-', '');
    INSERT INTO audit.logs (event_id, event_type, tenant_id, actor_type, actor_id, actor_ip_address, resource_type,
                            resource_id, metadata)
    VALUES (own_id, 'audit.adopted', tenant, 'database_login', left(session_user, 50), inet_client_addr(),
            'audit_adoption', own_id, jsonb_build_object(
              'first_sequence', first, 'last_sequence', head.sequence_number, 'last_hash', head.event_hash,
              'events', (was ->> 'events')::bigint + counted,
              'findings', (SELECT coalesce(jsonb_agg(f.finding ORDER BY f.place), '[]') FROM
                             jsonb_array_elements((was -> 'findings') || odd) WITH ORDINALITY AS f (finding, place)
                           WHERE f.place <= 100),
              'finding_counts', (SELECT coalesce(jsonb_object_agg(t.kind, t.number), '{}') FROM (
                             SELECT n.kind, sum(n.number) AS number FROM (
                               SELECT c.key AS kind, c.value::bigint AS number FROM jsonb_each_text(was -> 'counts') AS c
                               UNION ALL SELECT o ->> 'kind', 1 FROM jsonb_array_elements(odd) AS o) AS n
                             GROUP BY n.kind) AS t)));
    SELECT l.tenant_id INTO tenant FROM audit.logs l WHERE l.tenant_id > tenant ORDER BY l.tenant_id LIMIT 1;
  END LOOP;
END
$seam$;
