"""An untouched installation has no hole, whatever was chosen; and the shipped data is what installs."""

import pytest

from audit_tui.core.doctor.model import CheckState
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.store.doctor import load_shipped
from tests.doctor.conftest import LAYOUTS, Fresh, examined
from tools.expected_catalogue import make_shipped


@pytest.mark.parametrize("layout", [*LAYOUTS, "adopted"])
def test_an_untouched_installation_has_no_hole(fresh: Fresh, layout: str) -> None:
    report = examined(fresh(layout))
    assert {check.id: check.message for check in report.holes} == {}
    assert report.not_run == ()
    assert len(report.checks) > 50


def test_the_shipped_data_is_what_this_version_installs(careful: EmbeddedServer) -> None:
    shipped, made = load_shipped(), make_shipped(careful)
    assert shipped.schema_version == made.schema_version
    hint = "run: python -m tools.expected_catalogue"
    for name, part in made.parts.items():
        known = shipped.parts[name]
        differing = [key for key in part.keys() | known.keys() if part.get(key) != known.get(key)]
        assert differing == [], hint
    # A version of the server may lack functions that another has: what both have must agree.
    both = shipped.builtins.keys() & made.builtins.keys()
    assert len(both) > 100
    assert [name for name in both if shipped.builtins[name] != made.builtins[name]] == [], hint


def test_every_check_that_is_fine_says_so_in_a_sentence(fresh: Fresh) -> None:
    for check in examined(fresh("plain")).checks:
        assert check.state is CheckState.OK
        assert check.message.endswith(".")
        assert not check.message[0].islower() or check.message.startswith(("audit", "fsync", "full_page"))
