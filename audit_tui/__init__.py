"""audit-tui: the forensic terminal for tamper-evident PostgreSQL audit logs."""

__version__ = "0.1.0"
