"""What escapes a command ends as one line and a documented code, and shows no values."""

import pytest
import typer

from audit_tui.cli.group import guarded
from audit_tui.core.errors import AuditError, UsageError

SECRET = "tr0ub4dor-and-3"


def fail_unexpectedly() -> None:
    held = f"personal data and {SECRET}"
    raise ValueError(f"cannot use postgresql://analyst:{SECRET}@db.example/app ({len(held)})\x1b[2J")


def test_an_unexpected_failure_is_one_line_and_four(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(fail_unexpectedly) == 4
    said = capsys.readouterr().err
    assert said.startswith(
        "audit-tui: unexpected ValueError: cannot use postgresql://analyst:***@db.example/app"
    )
    assert said.count("\n") == 1
    assert "\x1b" not in said
    assert SECRET not in said


def test_debugging_shows_the_frames_but_no_values(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDIT_TUI_DEBUG", "1")
    assert guarded(fail_unexpectedly) == 4
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "fail_unexpectedly" in said
    assert "personal data and t" not in said
    assert SECRET not in said


def raise_(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AuditError("no", "mend it"), 4),
        (UsageError("no", "mend it"), 2),
        (KeyboardInterrupt(), 3),
        (typer.Exit(1), 1),
        (typer.BadParameter("no"), 2),
        (BrokenPipeError(), 0),
        (RecursionError("deep"), 4),
        (MemoryError(), 4),
    ],
)
def test_every_end_has_its_code(error: BaseException, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(lambda: raise_(error)) == code
    assert capsys.readouterr().err.count("\n") <= 1


def test_hint_and_title_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    guarded(lambda: raise_(AuditError("two\nlines", "how\tto mend it")))
    assert capsys.readouterr().err == "audit-tui: two␊lines (how␉to mend it)\n"
