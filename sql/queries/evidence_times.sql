-- When transactions were committed, in microseconds since 1970 UTC; NULL where that is not kept any more.
SELECT t.transaction, (extract(epoch FROM pg_xact_commit_timestamp(t.transaction::text::xid)) * 1000000)::int8
  FROM unnest(%(transactions)s::int8[]) AS t (transaction);
