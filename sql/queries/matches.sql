-- Matching events in the order of the chain.
SELECT {columns} FROM audit.logs l WHERE {condition} ORDER BY l.sequence_number, l.id LIMIT %(limit)s;
