"""The server's settings, judged."""

from audit_tui.core.doctor.model import CheckState
from audit_tui.core.doctor.settings import judge_settings


def test_fsync_off_is_a_hole_with_its_remedy() -> None:
    (check,) = judge_settings({"fsync": "off"})
    assert (check.id, check.state) == ("settings-fsync", CheckState.HOLE)
    assert check.remedy is not None
    assert "ALTER SYSTEM SET fsync = on" in check.remedy


def test_fsync_on_is_ok() -> None:
    (check,) = judge_settings({"fsync": "on"})
    assert check.state is CheckState.OK
