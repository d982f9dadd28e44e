"""The kernel against the golden vectors of both seals."""

from typing import Any

import pytest

from audit_tui.core.model import Event
from audit_tui.fast import Before, Expect, Kernel, Stopped
from tests.core.test_seal import VECTORS, event_of
from tests.fast.encoding import encode
from tests.fast.random_events import FIRST_US

LINKED = [vector for vector in VECTORS if vector["input"]["previous_hash"] is not None]


def advance(kernel: Kernel, event: Event, expect: Expect) -> tuple[int, Stopped]:
    assert event.previous_hash is not None
    before = Before((event.sequence_number or 0) - 1, event.previous_hash, 1, FIRST_US)
    made = kernel.advance(encode(event, guide=expect.guide), before, expect)
    return made.rows, made.stopped


@pytest.mark.parametrize("vector", LINKED, ids=lambda vector: vector["name"])
def test_a_vector_is_regular_in_both_versions(either: Kernel, vector: dict[str, Any]) -> None:
    event, tenant = event_of(vector), vector["input"]["tenant_id"]
    sealed = event._replace(event_hash=vector["event_hash_v2"])
    assert advance(either, sealed, Expect(tenant)) == (1, Stopped.END)
    of_guide = event._replace(event_hash=vector["event_hash_v1"], hash_version=1, part_salts=None)
    assert advance(either, of_guide, Expect(tenant, guide=True, version_1=True)) == (1, Stopped.END)
    assert advance(either, of_guide, Expect(tenant, version_1=True)) == (1, Stopped.END)


@pytest.mark.parametrize("vector", LINKED, ids=lambda vector: vector["name"])
def test_every_column_of_a_vector_counts(kernel: Kernel, vector: dict[str, Any]) -> None:
    event, tenant = (
        event_of(vector)._replace(event_hash=vector["event_hash_v2"]),
        vector["input"]["tenant_id"],
    )
    for name in event._fields:
        value = getattr(event, name)
        if isinstance(value, str) and name != "timestamp":
            edited = event._replace(**{name: value + "x"})
            assert advance(kernel, edited, Expect(tenant)) == (0, Stopped.LOOK), name


def test_the_first_event_of_a_chain_and_an_erased_one_are_looked_at(kernel: Kernel) -> None:
    first = event_of(VECTORS[0])._replace(event_hash=VECTORS[0]["event_hash_v2"])
    made = kernel.advance(encode(first), Before(1, "0" * 64, 2, 0), Expect("org_xyz789"))
    assert (made.rows, made.stopped) == (0, Stopped.LOOK)
    sealed = event_of(LINKED[0])._replace(event_hash=LINKED[0]["event_hash_v2"])
    for erased in ("{}", '{"changes": "' + "0" * 64 + '"}'):
        event = sealed._replace(erased_parts=erased)
        assert advance(kernel, event, Expect("org_xyz789")) == (0, Stopped.LOOK)
