-- A table's columns in the order of its rows, dropped ones included.
SELECT a.attname::text, format_type(a.atttypid, NULL)
  FROM pg_attribute a
 WHERE a.attrelid = %(table)s::regclass AND a.attnum > 0
 ORDER BY a.attnum;
