"""The kinds of checks: named once, told in whole sentences, and each in its table for the reader."""

import re
from itertools import pairwise

from audit_tui.core.doctor.kinds import KINDS
from audit_tui.core.doctor.kinds_guide import GUIDE_KINDS
from audit_tui.core.doctor.kinds_schema import SCHEMA_KINDS
from audit_tui.core.doctor.kinds_server import SERVER_KINDS
from audit_tui.core.doctor.model import Area
from tests.shape.sources import ROOT

ROW = re.compile(r"^\| `([a-z-]+)` \| (\w+) \| (.*?) \| (.*?) \| (.+) \|$", re.M)


def test_no_name_is_given_twice() -> None:
    assert len(KINDS) == len(SCHEMA_KINDS) + len(SERVER_KINDS) + len(GUIDE_KINDS)


def test_names_and_sentences_have_their_form() -> None:
    for kind in KINDS.values():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.id)
        assert not kind.ok.endswith(".")
        assert not kind.attack.endswith(".")
        assert kind.attack[0].islower() or kind.attack.startswith("DDL")


def test_the_readers_table_has_every_check_in_its_order() -> None:
    text = (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")
    told = {ident: (weight, title, attack) for ident, weight, title, attack, _ in ROW.findall(text)}
    known = {k.id: (k.weight.value, k.title, k.attack) for k in KINDS.values()}
    assert told == known
    areas = [list(Area).index(KINDS[ident].area) for ident in told]
    assert all(one <= other for one, other in pairwise(areas))
