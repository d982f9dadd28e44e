"""The archive's file format: a manifest, and one line of JSON per event. Text in, types out; no files."""
