SELECT count(*) FROM (SELECT 1 FROM audit.logs l WHERE {condition} LIMIT %(limit)s) AS matching;
