-- The rules of the list (one finding per event and kind, in order of sequence, links not judged across a gap,
-- and so on), for audit.verify_chain. One statement, so that it sees one snapshot and may run in parallel:
--   read     hashes every event where it lies (parallel workers)
--   marked   compares each event with the one before it and keeps only those with something to say
--   judged   applies the rules to what is left
-- The client's verifier (audit_tui/core/walk.py) follows the same rules; tests/verify holds the two together.
--
-- A range is judged with the two rows before it in view, so that what ranges say together is what the whole walk
-- says. Beyond its own events it looks again at older ones that its audit.erased events name.

CREATE OR REPLACE FUNCTION audit.verify_findings(p_tenant_id varchar, p_likely integer[], p_unreadable bigint[],
                                                 p_from bigint, p_through bigint)
RETURNS TABLE (
  is_valid boolean, broken_at_sequence bigint, broken_event_id varchar, message text,
  kind text, severity text, first_sequence bigint, last_sequence bigint,
  expected text, found text, columns text[])
LANGUAGE plpgsql STABLE SECURITY INVOKER AS $$
#variable_conflict use_column
DECLARE
  v_from bigint := coalesce(p_from, -9223372036854775808);
  v_through bigint := coalesce(p_through, 9223372036854775807);
  v_look bigint; -- where reading begins: at most two rows before the range
BEGIN
  SELECT min(s.sequence_number) INTO v_look FROM (
    SELECT l.sequence_number FROM audit.logs AS l
    WHERE l.tenant_id = p_tenant_id AND l.sequence_number < v_from
    ORDER BY l.tenant_id DESC, l.sequence_number DESC LIMIT 2) AS s;
  v_look := coalesce(v_look, v_from);
  RETURN QUERY
  WITH marked AS MATERIALIZED (
    SELECT * FROM (
      SELECT read.*,
        lag(seq) OVER chain AS p_seq, lag(event_hash) OVER chain AS p_hash, lag(ts) OVER chain AS p_ts,
        lag(version) OVER chain AS p_version, lag(version, 2) OVER chain AS pp_version,
        lag(seal) OVER chain AS p_seal, lag(row_id) OVER chain AS p_row
      FROM (
        SELECT l.sequence_number AS seq, l.id AS row_id, l.event_id, l.timestamp AS ts, l.hash_version AS version,
          l.previous_hash, l.event_hash,
          CASE WHEN l.sequence_number = ANY (p_unreadable) THEN '?'
               ELSE audit.verify_seal(l, p_likely) END AS seal,
          CASE WHEN l.erased_parts IS NOT NULL AND l.sequence_number <> ALL (p_unreadable)
               THEN audit.verify_remains(l) END AS remains
        FROM audit.logs AS l
        WHERE l.tenant_id = p_tenant_id AND l.sequence_number BETWEEN v_look AND v_through
        OFFSET 0 -- keeps the hashes below the window, where the workers are
      ) AS read
      WINDOW chain AS (ORDER BY seq, row_id)) AS walked
    WHERE seq >= v_from AND (p_seq IS NULL OR p_seq < v_from
       OR CASE WHEN seq > p_seq THEN seq - 1 > p_seq ELSE true END
       OR previous_hash IS DISTINCT FROM p_hash
       OR (seal IS NOT NULL AND seal !~ '^[+-]')
       OR seal IS DISTINCT FROM p_seal
       OR version IS DISTINCT FROM p_version
       OR version IS DISTINCT FROM pp_version AND version = 1
       OR (version IN (1, 2)) IS NOT TRUE
       OR ts < p_ts
       OR remains IS NOT NULL)
  ),
  groups AS MATERIALIZED (SELECT * FROM audit.verify_groups(p_tenant_id, p_unreadable)),
  revisited AS ( -- outside the range, but erased from within it: judged by what they hold, not by their place
    SELECT l.sequence_number AS seq, l.id AS row_id, l.event_id, l.timestamp AS ts, l.hash_version AS version,
      l.previous_hash, l.event_hash,
      CASE WHEN l.sequence_number = ANY (p_unreadable) THEN '?'
           ELSE audit.verify_seal(l, p_likely) END AS seal,
      CASE WHEN l.erased_parts IS NOT NULL AND l.sequence_number <> ALL (p_unreadable)
           THEN audit.verify_remains(l) END AS remains,
      NULL::bigint AS p_seq, NULL::varchar AS p_hash, NULL::timestamptz AS p_ts, NULL::smallint AS p_version,
      NULL::smallint AS pp_version, NULL::text AS p_seal, NULL::bigint AS p_row
    FROM (SELECT unnest(range_agg(g.ranges)) AS span FROM (
            SELECT unnest(groups.ranges) AS ranges FROM groups
            WHERE groups.sequence BETWEEN v_from AND v_through) AS g) AS named
      JOIN audit.logs AS l ON l.tenant_id = p_tenant_id
        AND l.sequence_number BETWEEN least(lower(span), 9223372036854775807)::bigint
                                  AND least(upper(span), 9223372036854775807)::bigint
        AND l.sequence_number NOT BETWEEN v_from AND v_through
    WHERE p_from IS NOT NULL OR p_through IS NOT NULL
  ),
  typed AS ( -- a lost event is not judged, and its successor as if nothing were known of it but its place
    SELECT marked.*,
      coalesce(seal = '?', false) AS lost, coalesce(p_seal = '?', false) AS p_lost,
      CASE WHEN p_version IN (1, 2) AND p_seal IS DISTINCT FROM '?' THEN p_version END AS p_known,
      coalesce(event_hash ~ '^[0-9a-f]{64}$', false) AS is_hash
    FROM (SELECT marked.*, false AS again FROM marked
          UNION ALL SELECT revisited.*, true FROM revisited) AS marked
  ),
  aged AS (
    SELECT typed.*,
      (version IN (1, 2) AND version >= coalesce(p_known, version)) IS NOT TRUE AND NOT lost AS fallen
    FROM typed
  ),
  judged AS MATERIALIZED (
    SELECT aged.*,
      seal IS NOT NULL AND NOT is_hash AND NOT lost AS malformed,
      seal IS NOT NULL AND is_hash AND NOT fallen AND NOT lost AND seal !~ '^[+-]' AS misfit,
      CASE WHEN is_hash AND NOT fallen AND seal ~ '^[+-]' THEN seal END AS zone,
      CASE
        WHEN lost OR again THEN NULL
        WHEN p_seq IS NULL THEN
          CASE WHEN (seq = 1 AND previous_hash IS NULL)
                 OR audit.verify_boundary(p_tenant_id, seq, previous_hash, p_unreadable)
               THEN NULL ELSE 'genesis_mismatch' END
        WHEN seq = p_seq THEN 'duplicate_sequence'
        WHEN seq - 1 > p_seq THEN 'sequence_gap'
        WHEN previous_hash IS DISTINCT FROM p_hash AND p_hash ~ '^[0-9a-f]{64}$' AND NOT p_lost
        THEN 'link_mismatch'
      END AS place,
      coalesce(p_known::text, '1 or 2') AS versions_due
    FROM aged
  ),
  covered AS ( -- what may be erased, by part and (identity) by what the columns must hold afterwards
    SELECT part, CASE part WHEN 'identity' THEN holder ELSE '' END AS holder,
      range_agg(span * numrange(NULL, groups.sequence)) AS ranges
    FROM groups, unnest(groups.parts) AS part, unnest(groups.ranges) AS span
    GROUP BY 1, 2
  ),
  offending AS (
    SELECT judged.seq, judged.row_id, judged.event_id, array_agg(mark.part ORDER BY mark.place) AS parts
    FROM judged
      CROSS JOIN LATERAL jsonb_each(remains -> 'parts') WITH ORDINALITY AS mark (part, fits, place)
      LEFT JOIN covered ON covered.part = mark.part
        AND covered.holder = CASE mark.part WHEN 'identity' THEN remains ->> 'holder' ELSE '' END
    WHERE mark.fits = 'false' OR coalesce(covered.ranges @> judged.seq::numeric, false) IS NOT TRUE
    GROUP BY 1, 2, 3
  ),
  tampered AS (
    SELECT seq, row_id FROM judged WHERE malformed OR misfit OR fallen OR lost OR place IS NOT NULL
    UNION SELECT seq, row_id FROM offending
  ),
  floor AS ( -- through where an accepted boundary answers for what is missing
    SELECT coalesce(
      max(seq) FILTER (WHERE seq > 1 AND place IS NULL AND NOT lost),
      CASE WHEN p_from IS NOT NULL THEN ( -- the chain begins before the range
        SELECT first.sequence_number FROM (
          SELECT l.sequence_number, l.previous_hash FROM audit.logs AS l
          WHERE l.tenant_id = p_tenant_id AND l.sequence_number < v_from
          ORDER BY l.tenant_id, l.sequence_number, l.id LIMIT 1) AS first
        WHERE audit.verify_boundary(p_tenant_id, first.sequence_number, first.previous_hash, p_unreadable)) END,
      1) - 1 AS sequence
    FROM judged WHERE p_seq IS NULL AND NOT again
  ),
  erased AS ( -- the sequences that lack a part, sorted, for counting by binary search
    SELECT part, array_agg(seq ORDER BY seq) AS sequences
    FROM (SELECT DISTINCT ON (seq) seq, remains FROM judged WHERE remains IS NOT NULL ORDER BY seq, row_id) AS first,
      LATERAL jsonb_object_keys(remains -> 'parts') AS part
    GROUP BY part
  ),
  incomplete AS (
    SELECT DISTINCT ON (sequence) sequence, event_id
    FROM (
      SELECT g.sequence, g.id, g.event_id, g.number,
        sum(upper(span) - low + 1) AS named,
        sum(CASE WHEN erased.sequences IS NULL THEN 0
                 ELSE width_bucket(least(upper(span), 9223372036854775807)::bigint, erased.sequences)
                      - width_bucket(least(low - 1, 9223372036854775807)::bigint, erased.sequences) END) AS gone
      FROM groups AS g CROSS JOIN unnest(g.parts) AS part CROSS JOIN unnest(g.ranges) AS span CROSS JOIN floor
        CROSS JOIN LATERAL (SELECT greatest(lower(span), floor.sequence + 1) AS low) AS clipped
        LEFT JOIN erased ON erased.part = part.part
      WHERE low <= upper(span) AND g.sequence BETWEEN v_from AND v_through
      GROUP BY g.sequence, g.id, g.event_id, g.number, part.part) AS counted
    WHERE gone < named
    ORDER BY sequence, id, number
  ),
  turns AS ( -- where a run of version 1 events, or of one zone, may begin or end
    SELECT 'uncovered_columns' AS kind, seq, row_id, event_id, p_seq,
      CASE WHEN version = 1 AND NOT lost THEN '1' END AS state
    FROM judged
    WHERE (version IS DISTINCT FROM p_version OR p_seq IS NULL OR p_seq < v_from OR place = 'sequence_gap' OR lost
           OR p_lost) AND NOT again
    UNION ALL
    SELECT 'foreign_zone', seq, row_id, event_id, p_seq, zone
    FROM judged
    WHERE (place = 'sequence_gap' OR p_seq < v_from OR zone IS DISTINCT FROM
           CASE WHEN p_seal ~ '^[+-]' AND pp_version IS DISTINCT FROM 2 THEN p_seal END) AND NOT again
  ),
  runs AS (
    SELECT kind, seq, event_id, state,
      coalesce(lead(p_seq) OVER (PARTITION BY kind ORDER BY seq, row_id), (
        SELECT max(l.sequence_number) FROM audit.logs AS l
        WHERE l.tenant_id = p_tenant_id AND l.sequence_number <= v_through)) AS last
    FROM turns
  ),
  findings (kind, first, last, event_id, message, expected, found, columns) AS (
    SELECT 'content_mismatch', seq, seq, event_id,
      format('Event %s was changed after it was sealed: ', seq)
        || CASE seal WHEN '' THEN 'its salts, time or erasure marks are not of a form that can be sealed.'
                     ELSE 'its columns no longer give its hash.' END,
      nullif(seal, ''), event_hash::text, ARRAY[]::text[]
    FROM judged WHERE misfit
    UNION ALL
    SELECT 'malformed_hash', seq, seq, event_id,
      format('The hash of event %s %s, so nothing vouches for its content.', seq,
        CASE WHEN event_hash IS NULL THEN 'is NULL' ELSE 'is not 64 lower-case hex digits' END),
      coalesce(nullif(seal, ''), '64 lower-case hex digits'), event_hash, '{}'
    FROM judged WHERE malformed
    UNION ALL
    SELECT 'version_downgrade', seq, seq, event_id,
      CASE
        WHEN version IS NULL THEN format('Event %s has no seal version, so it cannot be checked.', seq)
        WHEN version NOT IN (1, 2)
        THEN format('Event %s has the unknown seal version %s, so it cannot be checked.', seq, version)
        ELSE format('Event %s claims the older seal version %s after version %s: versions never go back.',
                    seq, version, versions_due)
      END,
      versions_due, version::text, '{hash_version}'
    FROM judged WHERE fallen
    UNION ALL
    SELECT place, CASE place WHEN 'sequence_gap' THEN p_seq + 1 ELSE seq END,
      CASE place WHEN 'sequence_gap' THEN seq - 1 ELSE seq END, event_id,
      CASE place
        WHEN 'genesis_mismatch' THEN
          CASE
            WHEN seq = 1 THEN 'Event 1 names a predecessor, but the first event of a chain has none.'
            WHEN seq < 1 THEN format('The chain begins at event %s, but the first event of a chain is event 1.', seq)
            ELSE format('The chain begins at event %s: what came before is gone, and no archive boundary explains it.', seq)
          END
        WHEN 'duplicate_sequence' THEN format('Sequence %s occurs more than once.', seq)
        WHEN 'sequence_gap' THEN
          CASE seq - 1 WHEN p_seq + 1 THEN format('Event %s is', seq - 1)
                       ELSE format('Events %s to %s are', p_seq + 1, seq - 1) END
            || ' missing: sequences never have gaps unless events were deleted.'
        ELSE format('Event %s names a predecessor that is no longer there: event %s has another hash now.', seq, p_seq)
      END,
      CASE place WHEN 'link_mismatch' THEN p_hash END,
      CASE WHEN place IN ('link_mismatch', 'genesis_mismatch') THEN previous_hash END,
      CASE place WHEN 'link_mismatch' THEN ARRAY['previous_hash'] ELSE '{}' END
    FROM judged WHERE place IS NOT NULL
    UNION ALL
    SELECT 'unreadable_event', seq, seq, event_id,
      format('The server could not deliver event %s; the rest of the chain was checked.', seq), NULL, NULL, '{}'
    FROM judged WHERE lost
    UNION ALL
    SELECT 'unauthorised_erasure', seq, seq, event_id,
      format('The %s of event %s %s removed without an intact audit.erased event that records it as it is now.',
             array_to_string(parts, ' and '), seq, CASE cardinality(parts) WHEN 1 THEN 'was' ELSE 'were' END),
      NULL, NULL, (
        SELECT array_agg(c ORDER BY place, number)
        FROM unnest(parts) WITH ORDINALITY AS gone (part, place), unnest(CASE part
          WHEN 'identity' THEN ARRAY['actor_id', 'actor_email', 'actor_ip_address', 'session_id', 'user_agent']
          WHEN 'changes' THEN ARRAY['changes']
          WHEN 'snapshots' THEN ARRAY['resource_before', 'resource_after']
          ELSE ARRAY['metadata', 'endpoint'] END) WITH ORDINALITY AS held (c, number))
    FROM offending
    UNION ALL
    SELECT 'erasure_incomplete', sequence, sequence, event_id,
      format('Event %s records an erasure that is not, or not wholly, there.', sequence), NULL, NULL, '{}'
    FROM incomplete
    UNION ALL
    SELECT 'time_disorder', seq, seq, event_id,
      format('Event %s carries an earlier time than event %s.', seq, p_seq),
      audit.verify_time(p_ts AT TIME ZONE 'UTC', ' ') || '+00', audit.verify_time(ts AT TIME ZONE 'UTC', ' ') || '+00',
      '{timestamp}'
    FROM judged
    WHERE ts < p_ts AND NOT EXISTS (
        SELECT FROM tampered AS t WHERE t.seq = judged.seq AND t.row_id IS NOT DISTINCT FROM judged.row_id)
      AND NOT EXISTS (
        SELECT FROM tampered AS t WHERE t.seq = judged.p_seq AND t.row_id IS NOT DISTINCT FROM judged.p_row)
    UNION ALL
    SELECT kind, seq, last, event_id,
      CASE kind WHEN 'foreign_zone' THEN format('Sealed by a session at UTC%s; the hash fits in that zone.', state)
                ELSE 'Version 1 seals: 11 columns are outside the hash and nothing proves them.' END,
      CASE kind WHEN 'foreign_zone' THEN '+00:00' END, CASE kind WHEN 'foreign_zone' THEN state END,
      CASE kind WHEN 'foreign_zone' THEN ARRAY['timestamp'] ELSE ARRAY['actor_type', 'actor_email',
        'actor_ip_address', 'endpoint', 'http_method', 'resource_before', 'resource_after', 'request_id',
        'session_id', 'user_agent', 'metadata'] END
    FROM runs WHERE state IS NOT NULL
  ),
  weighed AS (
    SELECT f.*,
      CASE WHEN f.kind = 'erasure_incomplete' THEN 'suspicious'
           WHEN f.kind = 'unreadable_event' THEN 'inconclusive'
           WHEN f.kind IN ('time_disorder', 'foreign_zone', 'uncovered_columns') THEN 'notice'
           ELSE 'tampered' END AS severity,
      row_number() OVER (PARTITION BY f.kind ORDER BY f.first, f.last, coalesce(f.event_id, '') COLLATE "C") AS number
    FROM findings AS f
  ),
  verdict AS (
    SELECT CASE WHEN EXISTS (SELECT FROM weighed WHERE weighed.severity = 'tampered') THEN false
                WHEN EXISTS (SELECT FROM judged WHERE NOT again) AND p_unreadable = '{}' THEN true END AS is_valid
  )
  SELECT v.is_valid, w.first, w.event_id,
    coalesce(w.message, CASE WHEN v.is_valid THEN 'Audit chain is valid - no tampering detected'
                             ELSE 'There are no events: nothing can be said' END),
    w.kind, w.severity, w.first, w.last, w.expected, w.found, w.columns
  FROM verdict AS v LEFT JOIN weighed AS w ON w.number <= 1000 -- per kind: the rest would say the same
  ORDER BY w.first, w.last, w.kind COLLATE "C", coalesce(w.event_id, '') COLLATE "C";
END
$$;

COMMENT ON FUNCTION audit.verify_findings(varchar, integer[], bigint[], bigint, bigint) IS
  'What audit.verify_range returns, given UTC offsets to try first and sequences that cannot be read';
