"""The commands (typer): one file per command group, rich tables or --json."""
