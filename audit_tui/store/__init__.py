"""psycopg: connection, named queries, rows to core models. Knows nothing of screens."""
