-- Every partition of the log, the default one last; which one takes events of now.
SELECT p.partition, p.range_from, p.range_to, p.is_default, p.events, p.bytes, p.oldest, p.newest, p.missing_guards,
       COALESCE(p.range_from <= clock_timestamp() AND p.range_to > clock_timestamp(), false) AS takes_now
  FROM audit.list_partitions() AS p;
