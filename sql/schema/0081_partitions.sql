-- The partitions of a new log, and the guards of all: by now every trigger of the log is there to be cloned.
DO $partitions$
DECLARE
  the_partition name;
BEGIN
  IF current_setting('audit_install.layout') <> 'partitioned' THEN
    RETURN;
  END IF;
  -- Without it, logging would fail as soon as a month has no partition.
  IF NOT EXISTS (SELECT FROM audit.partition_spans() s WHERE s.is_default) THEN
    PERFORM audit.make_partition_table('logs_default');
    PERFORM audit.attach_partition('logs_default', NULL);
  END IF;
  IF current_setting('audit_install.installed') = '0' THEN
    PERFORM audit.attach_spans(audit.missing_months(clock_timestamp(), 4));
  END IF;
  FOR the_partition IN SELECT s.partition FROM audit.partition_spans() s ORDER BY 1 LOOP
    PERFORM audit.guard_partition(the_partition);
  END LOOP;
END
$partitions$;
