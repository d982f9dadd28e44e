"""What is fixed about one kind of check."""

from dataclasses import dataclass

from audit_tui.core.doctor.model import Area, Weight


@dataclass(frozen=True, slots=True)
class Kind:
    """`title` is what it looks at, `ok` the sentence (without its stop) where nothing was found, `attack`
    what someone could do with a hole.
    """

    id: str
    area: Area
    weight: Weight
    title: str
    ok: str
    attack: str
