"""The file of witnesses: what is appended comes back, and what others could have written is refused."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from audit_tui.core.errors import AuditError
from audit_tui.core.witness import LogIdentity, Source, Witness
from audit_tui.store.witness_file import WitnessFile

TARGET = "analyst@db.example:5432/app"
FIRST = Witness(
    TARGET,
    "org_a",
    10,
    "a" * 64,
    "f" * 64,
    LogIdentity("7301", 1, 16384, "log-1"),
    "2026-11-01T00:00:00.000000Z",
)

SOON, LATER = "2026-11-01T00:59:00.000000Z", "2026-11-01T01:00:00.000000Z"


@pytest.fixture
def file(tmp_path: Path) -> WitnessFile:
    return WitnessFile(tmp_path / "state")


def refused(file: WitnessFile) -> str:
    with pytest.raises(AuditError) as reading:
        file.list_newest(TARGET)
    with pytest.raises(AuditError) as writing:
        file.append([replace(FIRST, sequence=999)])
    assert reading.value.hint
    assert writing.value.hint
    return reading.value.title


def test_nothing_is_remembered_of_an_unknown_target(file: WitnessFile) -> None:
    assert file.list_newest(TARGET) == {}


def test_what_is_appended_comes_back_newest_last(file: WitnessFile) -> None:
    later = replace(FIRST, sequence=20, event_hash="b" * 64, taken_at="2026-11-02T00:00:00Z", anchors=("{}",))
    bare = replace(FIRST, tenant_id="org_\u202e\n'é", identity=LogIdentity())
    file.append([FIRST, bare])
    file.append([later])
    assert file.list_all(TARGET) == (FIRST, bare, later)
    assert file.list_newest(TARGET) == {"org_a": later, bare.tenant_id: bare}
    assert file.warnings == ()


def test_targets_have_files_of_their_own(file: WitnessFile) -> None:
    other = replace(FIRST, target="analyst@db.example:5432/App", sequence=5)
    file.append([FIRST, other])
    assert file.list_newest(TARGET) == {"org_a": FIRST}
    assert file.list_newest(other.target) == {"org_a": other}


def test_a_hostile_target_stays_in_the_folder(file: WitnessFile) -> None:
    path = file.path_of("../../etc/\x00passwd\n" + "x" * 500)
    assert path.parent.name == "witnesses"
    assert len(path.name) < 100


def test_a_full_proof_is_written_again_when_the_last_one_is_an_hour_old(file: WitnessFile) -> None:
    again = replace(FIRST, taken_at=LATER)
    file.append([FIRST])
    file.append([again])
    assert file.list_all(TARGET) == (FIRST, again)


def test_a_witness_that_says_nothing_new_is_not_written_again(file: WitnessFile) -> None:
    file.append([FIRST])
    file.append([replace(FIRST, taken_at=SOON)])
    file.append([replace(FIRST, taken_at=LATER, full_at=SOON)])  # an incremental check proves nothing anew
    assert file.list_all(TARGET) == (FIRST,)
    moved = replace(FIRST, identity=replace(FIRST.identity, timeline=2))
    file.append([moved])
    assert file.list_all(TARGET) == (FIRST, moved)


def test_only_the_owner_can_read_and_write(file: WitnessFile) -> None:
    before = os.umask(0)
    try:
        file.append([FIRST])
    finally:
        os.umask(before)
    path = file.path_of(TARGET)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700


def test_each_line_names_its_format(file: WitnessFile) -> None:
    file.append([FIRST])
    line = json.loads(file.path_of(TARGET).read_text())
    assert line["format"] == "audit-tui/witness/1"
    assert (line["tenant_id"], line["sequence"], line["log_id"]) == ("org_a", 10, "log-1")


def test_a_line_cut_short_is_left_out_said_and_mended(file: WitnessFile) -> None:
    file.append([FIRST])
    path = file.path_of(TARGET)
    second = replace(FIRST, sequence=20)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:57])
    assert file.list_all(TARGET) == (FIRST,)
    assert "cut short" in file.warnings[0]
    file.append([second])
    assert file.list_all(TARGET) == (FIRST, second)
    assert file.warnings == ()


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (b"", "not JSON"),
        (b"garbage", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 5000, "not JSON"),
        (b"[1]", "not a JSON object"),
        (b"{}", "format is None"),
        (b'{"format": "audit-tui/witness/2"}', "audit-tui/witness/2"),
    ],
)
def test_a_line_that_is_no_witness_is_refused(file: WitnessFile, damage: bytes, reason: str) -> None:
    file.append([FIRST])
    path = file.path_of(TARGET)
    path.write_bytes(damage + b"\n" + path.read_bytes())
    assert "line 1" in refused(file)
    assert reason in refused(file)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sequence", 0), ("sequence", "10"), ("sequence", True), ("sequence", None), ("sequence", 1.5),
        ("event_hash", "A" * 64), ("event_hash", None), ("first_hash", "a" * 63), ("tenant_id", None),
        ("tenant_id", 5), ("taken_at", "yesterday"), ("timeline", "1"), ("log_id", 1), ("anchors", None),
        ("anchors", [1]), ("target", "another"),
    ],
)  # fmt: skip
def test_a_field_that_is_not_as_it_was_written_is_refused(
    file: WitnessFile, field: str, value: object
) -> None:
    file.append([FIRST])
    path = file.path_of(TARGET)
    document = json.loads(path.read_text())
    document[field] = value
    path.write_text(json.dumps(document) + "\n")
    assert "can't be trusted" in refused(file)


def test_a_field_added_by_a_later_version_is_no_harm(file: WitnessFile) -> None:
    file.append([FIRST])
    path = file.path_of(TARGET)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"cosigned": True}) + "\n")
    assert file.list_newest(TARGET) == {"org_a": FIRST}


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_can_write_is_refused(file: WitnessFile, mode: int) -> None:
    file.append([FIRST])
    file.path_of(TARGET).chmod(mode)
    assert "others can write" in refused(file)


def test_a_folder_that_others_can_write_is_refused(file: WitnessFile) -> None:
    file.append([FIRST])
    file.path_of(TARGET).parent.chmod(0o777)
    assert "others can write" in refused(file)


def test_a_link_in_the_place_of_the_file_is_refused(file: WitnessFile, tmp_path: Path) -> None:
    file.append([FIRST])
    path = file.path_of(TARGET)
    elsewhere = path.rename(tmp_path / "elsewhere")
    path.symlink_to(elsewhere)
    assert "link" in refused(file)
    elsewhere.unlink()
    assert "link" in refused(file)
    assert not elsewhere.exists()


def test_a_link_in_the_place_of_the_folder_is_refused(file: WitnessFile, tmp_path: Path) -> None:
    file.append([FIRST])
    folder = file.path_of(TARGET).parent
    folder.symlink_to(folder.rename(tmp_path / "elsewhere"))
    assert "link" in refused(file)


def test_a_pipe_or_a_folder_in_the_place_of_the_file_is_refused(file: WitnessFile) -> None:
    file.append([FIRST])
    path = file.path_of(TARGET)
    path.unlink()
    os.mkfifo(path, 0o600)
    assert "another kind" in refused(file)
    path.unlink()
    path.mkdir()
    assert "another kind" in refused(file)


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "witnesses").write_text("")
    assert "another kind" in refused(WitnessFile(tmp_path))


def test_a_witness_that_could_not_be_read_back_is_never_written(file: WitnessFile) -> None:
    file.append([FIRST])
    with pytest.raises(ValueError, match="event_hash"):
        file.append([replace(FIRST, sequence=20, event_hash="")])
    assert file.list_all(TARGET) == (FIRST,)


def test_two_writers_at_once_lose_nothing(file: WitnessFile) -> None:
    def write(tenant: int) -> None:
        for sequence in range(1, 11):
            file.append([replace(FIRST, tenant_id=f"org_{tenant}", sequence=sequence)])

    writers = [threading.Thread(target=write, args=(tenant,)) for tenant in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(file.list_all(TARGET)) == 40
    assert {witness.sequence for witness in file.list_newest(TARGET).values()} == {10}


WRITER = """
import sys
from pathlib import Path
from audit_tui.core.witness import LogIdentity, Witness
from audit_tui.store.witness_file import WitnessFile
file = WitnessFile(Path(sys.argv[1]))
for sequence in range(1, int(sys.argv[3]) + 1):
    head = ("a" * 64, "f" * 64, LogIdentity(), "2026-11-01T00:00:00Z")
    file.append([Witness("t", sys.argv[2], sequence, *head)])
    print(sequence, flush=True)
"""


def start_writer(folder: Path, tenant: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(folder), tenant, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_two_processes_at_once_lose_nothing(file: WitnessFile, tmp_path: Path) -> None:
    writers = [start_writer(tmp_path / "state", f"org_{number}", 60) for number in range(3)]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0]
    assert len(file.list_all("t")) == 180
    assert {witness.sequence for witness in file.list_newest("t").values()} == {60}
    assert file.warnings == ()


def test_a_process_killed_while_it_writes_leaves_what_it_had_said(file: WitnessFile, tmp_path: Path) -> None:
    for number in range(4):
        writer = start_writer(tmp_path / "state", f"org_{number}", 1_000_000)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.02 * number)
        writer.send_signal(signal.SIGKILL)
        told = int((writer.stdout.read().split() or ["1"])[-1])
        writer.wait(timeout=60)
        assert file.list_newest("t")[f"org_{number}"].sequence >= told
        file.append([replace(FIRST, target="t", tenant_id="after", sequence=number + 1)])
        assert file.list_newest("t")["after"].sequence == number + 1


def test_an_import_stands_in_only_for_what_it_is_ahead_of(file: WitnessFile) -> None:
    behind = replace(FIRST, sequence=5, source=Source.IMPORT, anchors=("{}",), first_hash=None)
    ahead = replace(behind, sequence=15)
    file.append([FIRST])
    file.append([behind])
    assert file.list_newest(TARGET) == {"org_a": FIRST}
    file.append([ahead])
    assert file.list_newest(TARGET) == {"org_a": ahead}
    file.append([replace(FIRST, sequence=12)])
    assert file.list_newest(TARGET)["org_a"].sequence == 12
    assert len(file.list_all(TARGET)) == 4


def test_a_baseline_ends_what_came_before_it_and_a_closed_tenant_has_none(file: WitnessFile) -> None:
    baseline = replace(FIRST, sequence=3, source=Source.BASELINE, reason="restored")
    behind = replace(FIRST, sequence=5, source=Source.IMPORT)
    file.append([FIRST])
    file.append([baseline])
    file.append([baseline])
    assert file.list_newest(TARGET) == {"org_a": baseline}
    file.append([behind])
    assert file.list_newest(TARGET) == {"org_a": behind}
    file.append([replace(behind, source=Source.CLOSED, reason="gone")])
    assert file.list_newest(TARGET) == {}
    file.append([replace(FIRST, sequence=5)])
    assert file.list_newest(TARGET)["org_a"].source is Source.CHECK
    assert len(file.list_all(TARGET)) == 6


def test_signatures_learned_later_are_news_and_their_absence_is_none(file: WitnessFile) -> None:
    signed = replace(FIRST, anchors=('{"kind": "checkpoint"}',))
    file.append([FIRST])
    file.append([signed])
    file.append([FIRST])
    assert file.list_all(TARGET) == (FIRST, signed)


def test_a_line_of_an_earlier_version_is_of_a_check(file: WitnessFile) -> None:
    file.append([FIRST])
    path = file.path_of(TARGET)
    document = json.loads(path.read_text())
    del document["source"], document["reason"]
    path.write_text(json.dumps(document) + "\n")
    assert file.list_all(TARGET) == (FIRST,)


@pytest.mark.parametrize("source", ["guess", None, 5, [], {}])
def test_a_source_that_is_not_known_is_refused(file: WitnessFile, source: object) -> None:
    file.append([FIRST])
    path = file.path_of(TARGET)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"source": source}) + "\n")
    assert "source" in refused(file)
