"""Which pictures there are: size, keys, and what must be on screen before the next step."""

from dataclasses import dataclass

WIDE = (120, 34)


@dataclass(frozen=True, slots=True)
class Step:
    """Keys to press, then a text to wait for."""

    keys: tuple[str, ...]
    shows: str


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: `screenshots/<name>.svg` and `.png`."""

    name: str
    steps: tuple[Step, ...]
    size: tuple[int, int] = WIDE


_START = Step((), "4 of 6 tenants are tampered with.")
_XYZ = Step(("j", "j", "j", "j", "enter"), "Timeline")


def _typed(text: str) -> tuple[str, ...]:
    return (*text, "enter")


SHOTS: tuple[Shot, ...] = (
    Shot("tenants", (_START,)),
    Shot("link-view", (_START, Step(("j", "b"), "Event 455 was changed"))),
    Shot("gap", (_START, Step(("j", "j", "b"), "Events 301 to 303 are gone"))),
    Shot("verify", (_START, Step(("j", "v"), "org_borealis is tampered with"))),
    Shot("timeline-diff", (_START, _XYZ, Step(("t", *_typed("2024-09-15T07:54")), "organisation.updated"),
                           Step(("2",), "mfa"))),
    Shot("reconstruction", (_START, _XYZ, Step(("t", *_typed("2024-01-15T10:30")), "payment_methods"),
                            Step(("r",), "settings"))),
)  # fmt: skip
