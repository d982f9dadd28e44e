"""`verify --metrics`: what Prometheus reads, and that it never reads half of it."""

import re
import stat
from pathlib import Path

import psycopg
import pytest

from audit_tui.cli import metrics
from audit_tui.core.errors import AuditError
from audit_tui.core.findings import Finding, Kind, Report, Severity
from audit_tui.embedded import tamper
from tests.cli.program import call, run
from tests.cli.reports import report_with, tenant_with

SERIES = re.compile(
    r"(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?P<labels>[^\n]*)\})? (?P<value>-?[0-9]+(?:\.[0-9e+-]+)?)\Z"
)
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|\Z)')
Read = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(text: str) -> Read:
    """The samples of an exposition, read as strictly as the format is written down."""
    found: Read = {}
    typed: set[str] = set()
    assert text.endswith("\n")
    for line in text[:-1].split("\n"):
        if line.startswith("# "):
            _, keyword, name, _about = line.split(" ", 3)
            assert keyword in ("HELP", "TYPE")
            if keyword == "TYPE":
                assert name not in typed, "all lines of one metric stand together"
                typed.add(name)
            continue
        match = SERIES.fullmatch(line)
        assert match is not None, line
        assert match["name"] in typed
        labels = match["labels"] or ""
        pairs = LABEL.findall(labels)
        assert "".join(m.group() for m in LABEL.finditer(labels)) == labels
        key = (
            match["name"],
            frozenset(
                (name, re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), text)) for name, text in pairs
            ),
        )
        assert key not in found, "a series occurs once"
        found[key] = float(match["value"])
    return found


def sample(samples: Read, name: str, **labels: str) -> float | None:
    return samples.get((name, frozenset(labels.items())))


def rendered(report: Report, **times: str) -> Read:
    return read(metrics.render(metrics.Run(report, 1.5, 1_793_641_267.25, times)))


def test_an_intact_log(log: str, tmp_path: Path) -> None:
    file = tmp_path / "audit.prom"
    ran = call(log, "verify", "--all", "--quiet", "--metrics", str(file))
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    found = read(file.read_text(encoding="utf-8"))
    assert sample(found, "audit_tui_verify_tenants", verdict="intact") == 2
    assert sample(found, "audit_tui_verify_tenants", verdict="tampered") == 0
    assert sample(found, "audit_tui_verify_tenants", verdict="inconclusive") == 0
    assert sample(found, "audit_tui_tenant_events", tenant="org_acme") == 30
    assert sample(found, "audit_tui_tenant_proven_through_sequence", tenant="org_acme") == 30
    assert sample(found, "audit_tui_tenant_verdict", tenant="org_acme", verdict="intact") == 1
    assert (sample(found, "audit_tui_tenant_last_event_timestamp_seconds", tenant="org_acme") or 0) > 1.7e9
    assert (sample(found, "audit_tui_verify_timestamp_seconds") or 0) > 1.7e9
    assert not [name for name, _ in found if name == "audit_tui_tenant_silent"]


def test_a_tampered_log_replaces_the_file_and_keeps_its_code(log: str, tmp_path: Path) -> None:
    file = tmp_path / "audit.prom"
    file.write_text("old\n", encoding="utf-8")
    with psycopg.connect(log, autocommit=True) as connection:
        tamper.edit_field(connection, "org_acme", 12, "actor_id", "usr_intruder")
    assert call(log, "verify", "-q", "--metrics", str(file)).code == 1
    found = read(file.read_text(encoding="utf-8"))
    assert sample(found, "audit_tui_verify_tenants", verdict="tampered") == 1
    assert sample(found, "audit_tui_verify_verdict", verdict="tampered") == 1
    assert sample(found, "audit_tui_tenant_proven_through_sequence", tenant="org_acme") == 11
    counted = sample(
        found, "audit_tui_tenant_findings", tenant="org_acme", kind="content_mismatch", severity="tampered"
    )
    assert counted == 1
    assert [each.name for each in tmp_path.iterdir() if each.suffix == ".tmp"] == []
    assert stat.S_IMODE(file.stat().st_mode) == 0o644


def test_a_hostile_tenant_is_one_label_and_exact() -> None:
    hostile = 'x"} 1\nfake{tenant="y\\'
    found = rendered(report_with(tenant_with(tenant_id=hostile)))
    assert sample(found, "audit_tui_tenant_events", tenant=hostile) == 10
    assert not [name for name, _ in found if name == "fake"]


def test_whole_numbers_and_fractions_are_written_in_full() -> None:
    text = metrics.render(metrics.Run(report_with(), 0.125, 1_793_641_267.25, {}))
    assert "audit_tui_verify_duration_seconds 0.125\n" in text
    assert "audit_tui_verify_timestamp_seconds 1793641267.25\n" in text
    assert "audit_tui_verify_events 0\n" in text


def test_what_is_not_known_is_left_out() -> None:
    finding = Finding(Kind.CONTENT_MISMATCH, Severity.TAMPERED, "org_acme", 1, 1, "evt_1", "m")
    found = rendered(report_with(tenant_with(finding)), org_acme="infinity")
    assert sample(found, "audit_tui_tenant_last_event_timestamp_seconds", tenant="org_acme") is None
    assert (
        sample(found, "audit_tui_tenant_findings", tenant="org_acme", kind="x", severity="tampered") is None
    )


def test_a_folder_that_is_missing_is_said_before_anything_is_read(log: str, tmp_path: Path) -> None:
    for place in (tmp_path / "nowhere" / "audit.prom", tmp_path):
        ran = call(log, "verify", "-q", "--metrics", str(place))
        assert ran.code == 2
        assert "--metrics" in ran.complaint


def test_a_file_that_cannot_be_written_hides_no_verdict(
    log: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk: the old file stands, intact is not called done, tampered stays tampered."""
    file = tmp_path / "audit.prom"
    file.write_text("old\n", encoding="utf-8")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    ran = call(log, "verify", "--metrics", str(file))
    assert ran.code == 4
    assert "All 2 tenants are intact" in ran.out
    assert "No space left on device" in ran.complaint
    assert file.read_text(encoding="utf-8") == "old\n"
    assert list(tmp_path.glob(".*.tmp")) == []
    with psycopg.connect(log, autocommit=True) as connection:
        tamper.edit_field(connection, "org_acme", 12, "actor_id", "usr_intruder")
    assert call(log, "verify", "-q", "--metrics", str(file)).code == 1


def test_a_link_to_a_file_elsewhere_is_replaced_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "precious"
    elsewhere.write_text("keep", encoding="utf-8")
    link = tmp_path / "audit.prom"
    link.symlink_to(elsewhere)
    metrics.write_metrics(link, "new\n")
    assert elsewhere.read_text(encoding="utf-8") == "keep"
    assert not link.is_symlink()


def test_a_check_that_came_to_no_verdict_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "audit.prom"
    file.write_text("old\n", encoding="utf-8")
    ran = run("verify", "-q", "--metrics", str(file), "--dsn", "host=/nonexistent dbname=app user=u")
    assert ran.code == 4
    assert file.read_text(encoding="utf-8") == "old\n"


def test_a_write_that_fails_says_what_and_where(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="the metrics could not be written"):
        metrics.write_metrics(tmp_path / "gone" / "audit.prom", "x\n")
