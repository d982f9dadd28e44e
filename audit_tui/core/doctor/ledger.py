"""Collects what the judges say and makes one check of each kind: a hole, not run, a notice, or ok."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from audit_tui.core.doctor.kinds import KINDS
from audit_tui.core.doctor.model import Area, Check, CheckState, Weight

_SENTENCES = 5
_STATEMENTS = 40


@dataclass(frozen=True, slots=True)
class _Said:
    what: str
    remedy: str | None
    weight: Weight


@dataclass
class Ledger:
    """The judges call `look` for what they look at, then `hole`, `notice` or `skip` for what they found."""

    _looked: set[str] = field(default_factory=set)
    _holes: dict[str, list[_Said]] = field(default_factory=dict)
    _notices: dict[str, list[_Said]] = field(default_factory=dict)
    _skipped: dict[str, str] = field(default_factory=dict)
    _fine: dict[str, str] = field(default_factory=dict)

    def look(self, *idents: str) -> None:
        """These checks are made: ok unless something else is said of them."""
        self._looked.update(idents)

    def hole(self, ident: str, what: str, remedy: str | None = None, weight: Weight | None = None) -> None:
        """`what` is a whole sentence; `weight` None: that of the kind."""
        self._note(self._holes, ident, _Said(what, remedy, weight or KINDS[ident].weight))

    def notice(self, ident: str, what: str, remedy: str | None = None) -> None:
        self._note(self._notices, ident, _Said(what, remedy, Weight.NOTICE))

    def skip(self, idents: Iterable[str], needs: str) -> None:
        """These could not be looked at, and why: the right that is missing."""
        for ident in idents:
            self._looked.add(ident)
            self._skipped.setdefault(ident, needs)

    def fine(self, ident: str, what: str) -> None:
        """The sentence of a check that is ok, where a better one is known than the kind's."""
        self._looked.add(ident)
        self._fine[ident] = what

    def checks(self) -> tuple[Check, ...]:
        """One check for each kind that was looked at, in the order of areas and kinds."""
        areas = list(Area)
        order = sorted(KINDS, key=lambda ident: areas.index(KINDS[ident].area))
        return tuple(self._check(ident) for ident in order if ident in self._looked)

    def _note(self, where: dict[str, list[_Said]], ident: str, said: _Said) -> None:
        self._looked.add(ident)
        where.setdefault(ident, []).append(said)

    def _check(self, ident: str) -> Check:
        kind = KINDS[ident]
        holes = self._holes.get(ident)
        if holes:
            heaviest = min((said.weight for said in holes), key=list(Weight).index)
            return Check(
                ident, kind.area, CheckState.HOLE, heaviest, _message(holes), kind.attack, _remedy(holes)
            )
        if ident in self._skipped:
            needs = self._skipped[ident]
            message = f"Not looked at: {kind.title}."
            return Check(ident, kind.area, CheckState.NOT_RUN, kind.weight, message, None, None, needs)
        notices = self._notices.get(ident)
        if notices:
            return Check(
                ident,
                kind.area,
                CheckState.OK,
                Weight.NOTICE,
                _message(notices),
                kind.attack,
                _remedy(notices),
            )
        message = self._fine.get(ident, f"{kind.ok}.")
        weight = Weight.LOW if kind.weight is Weight.NOTICE else kind.weight
        return Check(ident, kind.area, CheckState.OK, weight, message)


def _message(said: list[_Said]) -> str:
    told = list(dict.fromkeys(one.what for one in said))
    more = [f"And {len(told) - _SENTENCES} more."] if len(told) > _SENTENCES else []
    return " ".join([*told[:_SENTENCES], *more])


def _remedy(said: list[_Said]) -> str | None:
    statements = list(dict.fromkeys(one.remedy for one in said if one.remedy))
    more = [f"-- and {len(statements) - _STATEMENTS} more"] if len(statements) > _STATEMENTS else []
    return "\n".join([*statements[:_STATEMENTS], *more]) or None
