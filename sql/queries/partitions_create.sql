-- Adds the months that no partition takes yet, this month first unless one is named.
SELECT audit.add_months(%(first)s::timestamptz, %(months)s);
