"""What an attack is, what it must give, and the acts that most of them are made of."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from audit_tui.core.findings import StoryKind
from audit_tui.embedded import tamper
from tests.verify.chains import ACME, Conn
from tests.verify.verifiers import Place

FORGED = "f" * 64


@dataclass(frozen=True)
class Attack:
    """One attack. `places` are the findings but for coverage, in order; `stories` are what is told of them.

    On version 1 a notice per run of consecutive events is added: `runs`, with None for the chain's last.
    `witnessed`: a check before it has remembered the head; `missed` are the findings that only this gives.
    `by_sql` is what a verifier that the intruder replaced answers instead of `places`.
    """

    name: str
    act: Callable[[Conn], object]
    places: tuple[Place, ...] = ()
    stories: tuple[StoryKind, ...] = ()
    runs: tuple[tuple[int, int | None], ...] = ((1, None),)
    witnessed: bool = False
    missed: tuple[Place, ...] = ()
    by_sql: tuple[Place, ...] | None = None

    @property
    def told(self) -> tuple[Place, ...]:
        """Everything that the client finds, but for coverage."""
        return in_order(self.places + self.missed)

    @property
    def code(self) -> int:
        """How the command ends: every finding of the table but notices is tampering."""
        return int(any(kind not in NOTICES for kind, _, _ in self.told))


NOTICES = ("time_disorder", "uncovered_columns", "foreign_zone")


def in_order(places: Iterable[Place]) -> tuple[Place, ...]:
    """The order of every list of findings."""
    return tuple(sorted(places, key=lambda place: (place[1], place[2], place[0])))


def edit(sequence: int, column: str, value: object) -> Callable[[Conn], object]:
    return lambda conn: tamper.edit_field(conn, ACME, sequence, column, value)


def all_of(*acts: Callable[[Conn], object]) -> Callable[[Conn], object]:
    return lambda conn: [act(conn) for act in acts]


def rehash(sequence: int) -> Callable[[Conn], object]:
    return lambda conn: tamper.rehash(conn, ACME, sequence)
