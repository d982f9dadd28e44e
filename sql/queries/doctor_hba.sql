-- How the server lets people in: lines that ask for no proof of who somebody is.
SELECT h.type::text, array_to_string(h.database, ', '), array_to_string(h.user_name, ', '), h.address::text
  FROM pg_hba_file_rules() h
 WHERE h.auth_method = 'trust' AND h.error IS NULL
 ORDER BY h.line_number
