"""The kernel calls a row regular exactly where the plain reference finds nothing in it."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from audit_tui.core.coverage import Coverage
from audit_tui.core.model import Event
from audit_tui.core.walk import Walk
from audit_tui.fast import Expect, Kernel, Stopped
from tests.fast.encoding import before_of, decode, encode
from tests.fast.mutations import mutate_bytes, mutate_column
from tests.fast.random_events import TENANT, Chain, make_chain

EXPECT = Expect(TENANT)
SEEDS = st.integers(0, 2**32)
ROWS = 10


def plainly_passed(chain: Chain) -> int:
    """How many rows, from the first on, the reference finds nothing in."""
    walk = Walk(TENANT, Coverage(()), before=chain.before)
    for number, event in enumerate(chain.rows):
        judged = walk.step(event)
        if judged.findings or judged.offset or event.tenant_id != TENANT:
            return number
    return len(chain.rows)


def encoded(rows: list[Event]) -> bytes:
    return b"".join(encode(event) for event in rows)


@settings(max_examples=300)
@given(seed=SEEDS)
def test_intact_rows_are_regular(either: Kernel, seed: int) -> None:
    chain = make_chain(Random(seed), ROWS)
    assert plainly_passed(chain) == ROWS
    data = encoded(chain.rows)
    made = either.advance(data, before_of(chain.before), EXPECT)
    assert (made.rows, made.rows_version_1, made.consumed, made.stopped) == (ROWS, 0, len(data), Stopped.END)
    assert made.before == before_of(chain.rows[-1])


@settings(max_examples=1000)
@given(seed=SEEDS)
def test_an_edited_column_stops_it_where_the_reference_finds_something(kernel: Kernel, seed: int) -> None:
    random = Random(seed)
    chain = make_chain(random, ROWS)
    at = random.randrange(ROWS)
    chain.rows[at] = mutate_column(random, chain.rows[at])
    made = kernel.advance(encoded(chain.rows), before_of(chain.before), EXPECT)
    assert made.rows == plainly_passed(chain)
    assert made.stopped is (Stopped.END if made.rows == ROWS else Stopped.LOOK)


@settings(max_examples=1000)
@given(seed=SEEDS)
def test_a_changed_byte_stops_it_unless_the_reference_finds_nothing(kernel: Kernel, seed: int) -> None:
    """No seal covers the id, nor the salt of a part that is not there: another one is passed by both."""
    random = Random(seed)
    chain = make_chain(random, 3)
    rows = [encode(event) for event in chain.rows]
    at = random.randrange(3)
    rows[at] = mutate_bytes(random, rows[at])
    data = b"".join(rows)
    made = kernel.advance(data, before_of(chain.before), EXPECT)
    assert made.rows == plainly_passed(Chain(chain.before, decode(data)))
