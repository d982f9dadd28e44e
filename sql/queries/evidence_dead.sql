-- Rows on some pages of a table that a transaction deleted or replaced (2048: nobody did; 128: only locked), and
-- that no query of ours shows. (The extension's functions in C alone: those in SQL look names up by search_path.)
SELECT i.t_xmax::text::int8,
       {schema}.tuple_data_split(%(table)s::regclass, i.t_data, i.t_infomask, i.t_infomask2, i.t_bits)
  FROM unnest(%(pages)s::int8[]) AS b (page)
 CROSS JOIN LATERAL {schema}.heap_page_items({schema}.get_raw_page(%(table)s, b.page)) AS i
 WHERE i.lp_flags = 1 AND i.t_xmax::text <> '0' AND i.t_infomask & 2048 = 0 AND i.t_infomask & 128 = 0
   AND NOT EXISTS (SELECT FROM audit.logs l
                    WHERE l.ctid = format('(%%s,%%s)', b.page, i.lp)::tid AND l.tableoid = %(table)s::regclass)
 LIMIT %(most)s;
