"""Doctor: the state of the audit schema, its server and its roles against what they should be."""
