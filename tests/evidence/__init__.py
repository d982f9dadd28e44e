"""What the server keeps about rows: read on real servers, with every caveat."""
