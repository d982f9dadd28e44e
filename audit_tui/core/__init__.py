"""What an audit log means: seals, rules, verdicts, diffs, reconstruction.

Pure functions over frozen values. The standard library alone: no I/O, no clock, no logging.
"""
