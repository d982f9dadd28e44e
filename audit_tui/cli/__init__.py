"""The commands: `audit-tui tenants`, `verify` and their kin, for terminals, pipes and scripts."""
