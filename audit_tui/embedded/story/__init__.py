"""The demo's story: six companies, one night in September, and what an intruder did to the log afterwards.

Everything is made from fixed seeds and fixed times, so every run tells the same events with the same ids.
Only salts, and the hashes that follow from them, differ: the schema draws them at random by design.
"""
