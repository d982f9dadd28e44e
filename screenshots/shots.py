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
_BOREALIS = Step(("j",), "org_borealis")

SHOTS: tuple[Shot, ...] = (
    Shot("tenants", (_START,)),
    Shot("link-view", (_START, _BOREALIS, Step(("b",), "What it means"))),
    Shot("gap", (_START, _BOREALIS, Step(("j",), "org_cobalt"), Step(("b",), "What it means"))),
    Shot("verify", (_START, Step(("v",), "812"))),
    Shot("timeline-diff", (_START,)),
    Shot("reconstruction", (_START,)),
)
