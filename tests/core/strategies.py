"""Hypothesis strategies that several core tests share."""

import json

from hypothesis import strategies as st

from audit_tui.core.jsontext import load
from audit_tui.core.state import JsonValue

KEYS = st.sampled_from(["id", "name", "a", "b/c", "d~e", "", "é", "old", "0"])

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.5, 1.0, 1e300])
    | st.text("ab1 \u202e\x1b", max_size=3)
)

PYTHON_JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=15,
)


def read(value: object) -> JsonValue:
    """A Python value as the tool would read it from the server's text."""
    return load(json.dumps(value))


JSON_VALUES: st.SearchStrategy[JsonValue] = PYTHON_JSON.map(read)
JSON_OBJECTS: st.SearchStrategy[JsonValue] = st.dictionaries(KEYS, PYTHON_JSON, max_size=4).map(read)

RECORDS = st.lists(
    st.fixed_dictionaries({"id": st.integers(0, 6), "v": st.integers(0, 2)}),
    max_size=6,
    unique_by=lambda r: r["id"],
)
"""Arrays of objects that carry an identity."""
