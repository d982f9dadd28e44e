"""The one interface both front ends use (`api`), and the real thing behind it (`live`)."""
