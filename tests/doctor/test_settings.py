"""The server's settings, judged."""

from audit_tui.core.doctor.ledger import Ledger
from audit_tui.core.doctor.model import Check, CheckState
from audit_tui.core.doctor.seen import RoleSetting
from audit_tui.core.doctor.settings import judge_settings


def judged(settings: dict[str, str], *own: RoleSetting) -> dict[str, Check]:
    ledger = Ledger()
    judge_settings(ledger, settings, own)
    return {check.id: check for check in ledger.checks()}


def test_fsync_off_is_a_hole_with_its_remedy() -> None:
    check = judged({"fsync": "off"})["fsync"]
    assert check.state is CheckState.HOLE
    assert check.remedy is not None
    assert "ALTER SYSTEM SET fsync = on" in check.remedy


def test_fsync_on_is_ok() -> None:
    assert judged({"fsync": "on"})["fsync"].state is CheckState.OK


def test_a_role_that_begins_as_replica_is_named_with_its_remedy() -> None:
    own = RoleSetting(None, 'we"ird', "session_replication_role", "replica")
    check = judged({"session_replication_role": "origin"}, own)["replication-role"]
    assert check.state is CheckState.HOLE
    assert check.remedy == 'ALTER ROLE "we""ird" RESET session_replication_role;'


def test_a_hidden_setting_is_not_called_fine() -> None:
    assert judged({"fsync": "on"})["preloaded"].state is CheckState.NOT_RUN


def test_what_many_servers_have_is_a_notice_and_no_hole() -> None:
    check = judged({"data_checksums": "off"})["checksums"]
    assert check.state is CheckState.OK
    assert check.is_notice
