SELECT h.hold, h.reason, h.events FROM audit.held_events(%(tenant)s, %(first)s, %(last)s) AS h ORDER BY h.hold;
