"""What goes into a report about a log: findings with everything they rest on, as Markdown and as JSON."""
