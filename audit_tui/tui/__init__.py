"""The Textual app: screens decide, widgets post, the service does."""
