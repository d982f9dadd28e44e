-- Version 2 checks ranges of a chain: one more argument, which CREATE OR REPLACE cannot give a function.
DROP FUNCTION IF EXISTS audit.verify_findings(varchar, integer[], bigint[]);
