-- The log's partitions with the times that each takes; the default one has none, but an oldest event.
SELECT p.partition, p.range_from, p.range_to, p.is_default, p.oldest
  FROM audit.list_partitions() AS p
 ORDER BY p.is_default, p.range_from NULLS FIRST;
