-- Where the last rows of a tenant before a sequence stand: the lowest sequence among them (NULL: there are none).
SELECT min(s.sequence_number)
  FROM (SELECT l.sequence_number
          FROM audit.logs l
         WHERE l.tenant_id = %(tenant)s AND l.sequence_number < %(before)s
         ORDER BY l.tenant_id DESC, l.sequence_number DESC
         LIMIT %(rows)s) AS s;
