-- Every retention rule; intervals as whole months and days, which no IntervalStyle can change.
SELECT r.name::text, r.event_pattern::text, r.tenant_id::text,
       (extract(year FROM r.keep) * 12 + extract(month FROM r.keep))::int,
       (extract(day FROM r.keep) + ceil(extract(hour FROM r.keep) / 24))::int,
       (extract(year FROM r.hot) * 12 + extract(month FROM r.hot))::int, extract(day FROM r.hot)::int,
       (extract(year FROM r.warm) * 12 + extract(month FROM r.warm))::int, extract(day FROM r.warm)::int
  FROM audit.retention_rules r
 ORDER BY r.name;
