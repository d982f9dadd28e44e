"""The guide's rows: regular at one UTC offset, in a guide's 23 columns and in an adopted log's 26."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit_tui.core.coverage import Coverage
from audit_tui.core.model import Event
from audit_tui.core.seal import SEARCHED_OFFSETS
from audit_tui.core.walk import Walk
from audit_tui.fast import Expect, Kernel, Stopped
from tests.fast.encoding import before_of, encode
from tests.fast.mutations import mutate_column
from tests.fast.random_events import FIRST_US, LAST_US, TENANT, Chain, make_chain_of_version_1, server_text

SEEDS = st.integers(0, 2**32)
OFFSETS = st.sampled_from([0, 3600, -12_600, 20_700, 50_400, -57_599, 3_601, *SEARCHED_OFFSETS])
ROWS = 5


def plainly_passed(chain: Chain, offset: int) -> int:
    walk = Walk(TENANT, Coverage(()), before=chain.before, offsets=(offset,) if offset else ())
    for number, event in enumerate(chain.rows):
        judged = walk.step(event)
        if judged.findings or judged.offset != offset or event.tenant_id != TENANT:
            return number
    return len(chain.rows)


@settings(max_examples=300)
@given(seed=SEEDS, offset=OFFSETS, guide=st.booleans())
def test_rows_of_one_offset_are_regular_at_it(either: Kernel, seed: int, offset: int, guide: bool) -> None:
    chain = make_chain_of_version_1(Random(seed), ROWS, offset)
    assert plainly_passed(chain, offset) == ROWS
    data = b"".join(encode(event, guide=guide) for event in chain.rows)
    made = either.advance(data, before_of(chain.before), Expect(TENANT, guide, True, offset))
    assert (made.rows, made.rows_version_1, made.consumed) == (ROWS, ROWS, len(data))
    assert made.before == before_of(chain.rows[-1])
    other = either.advance(data, before_of(chain.before), Expect(TENANT, guide, True, offset + 900))
    assert (other.rows, other.stopped) == (0, Stopped.LOOK)


@settings(max_examples=500)
@given(seed=SEEDS, offset=OFFSETS)
def test_an_edited_column_stops_it_where_the_reference_finds_something(
    kernel: Kernel, seed: int, offset: int
) -> None:
    random = Random(seed)
    chain = make_chain_of_version_1(random, ROWS, offset)
    at = random.randrange(ROWS)
    event = replace_salts(random, mutate_column(random, chain.rows[at]._replace(part_salts=bytes(64))))
    rows = [*chain.rows[:at], event, *chain.rows[at + 1 :]]
    data = b"".join(encode(row) for row in rows)
    made = kernel.advance(data, before_of(chain.before), Expect(TENANT, False, True, offset))
    assert made.rows == plainly_passed(replace(chain, rows=rows), offset)


def replace_salts(random: Random, event: Event) -> Event:
    """Version 1 holds none: now and then they are left, which is a mismatch."""
    return event if random.random() < 0.1 else event._replace(part_salts=None)


@pytest.mark.parametrize("guide", [True, False])
def test_without_leave_no_version_1_row_passes(kernel: Kernel, guide: bool) -> None:
    chain = make_chain_of_version_1(Random(1), 1, 0)
    row = encode(chain.rows[0], guide=guide)
    assert kernel.advance(row, before_of(chain.before), Expect(TENANT, guide)).stopped is Stopped.LOOK


def test_version_1_never_follows_version_2(kernel: Kernel) -> None:
    chain = make_chain_of_version_1(Random(1), 1, 0)
    before = before_of(chain.before)._replace(hash_version=2)
    made = kernel.advance(encode(chain.rows[0]), before, Expect(TENANT, version_1=True))
    assert (made.rows, made.stopped) == (0, Stopped.LOOK)


@pytest.mark.parametrize(("us", "offset"), [(FIRST_US, -3600), (LAST_US, 3600)])
def test_a_local_time_outside_the_years_1_to_9999_is_looked_at(kernel: Kernel, us: int, offset: int) -> None:
    chain = make_chain_of_version_1(Random(1), 1, 0)
    row = encode(chain.rows[0]._replace(timestamp=server_text(us)))
    before = before_of(chain.before)._replace(timestamp_us=FIRST_US)
    made = kernel.advance(row, before, Expect(TENANT, False, True, offset))
    assert made.stopped is Stopped.LOOK
