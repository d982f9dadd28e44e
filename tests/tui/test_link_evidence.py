"""Physical evidence and the command under the link view."""

import subprocess

from audit_tui.core.evidence import Evidence, EvidenceName, EvidenceState, Piece
from audit_tui.core.shell import join_words, split_words
from audit_tui.tui.present.lines import cells
from audit_tui.tui.present.link import command_lines
from audit_tui.tui.present.link_evidence import evidence_lines
from audit_tui.tui.present.spans import plain, text_of
from tests.tui.pilot import running, screen_text, shows, target
from tests.tui.stories import tampered_service

ODD = Piece(EvidenceName.TRANSACTION, EvidenceState.ODD, "The row was written later.", ("event 11: 7", "x"))
NONE = Piece(EvidenceName.WAL, EvidenceState.NOT_AVAILABLE, "Not available: no such extension.")
EVIDENCE = Evidence("org_acme", 12, "2026-11-02T17:41:07.000000Z", (ODD, NONE))


def test_what_is_odd_says_what_else_it_can_mean_and_is_no_verdict() -> None:
    text = text_of(evidence_lines(EVIDENCE, 80))
    assert "! The row was written later." in text
    assert "event 11: 7; x" in text
    assert "a dump and restore" in " ".join(text.split())
    assert "– Not available: no such extension." in text
    assert "never a verdict" in text
    assert max(cells(line) for line in evidence_lines(EVIDENCE, 80)) <= 80


async def test_x_shows_evidence_and_n_takes_it_away() -> None:
    service = tampered_service()
    service.evidence = EVIDENCE
    async with running(target(service), size=(112, 40)) as (app, pilot):
        await shows(pilot, "Checked through")
        await pilot.press("b")
        await shows(pilot, "What it means")
        await pilot.press("x")
        await shows(pilot, "! The row was written later.")
        assert "✗ Event 12 was changed" in screen_text(app)


def test_a_command_broken_over_lines_is_still_the_command() -> None:
    words = ["printf", "%s|", "--dsn", "host=/tmp/x port=5432 dbname='a b'", "--tenant", "o\x1b[2J'\n" * 3]
    lines = command_lines(join_words(words), 60)
    text = "\n".join(plain(line) for line in lines[1:])
    done = subprocess.run(["bash", "-c", text], capture_output=True, check=True)
    assert done.stdout.decode().split("|")[:-1] == words[2:]
    assert split_words(join_words(words))[0] == "printf"
    assert all(not plain(line).rstrip().endswith(" \\ ") for line in lines)
    short = command_lines("audit-tui verify", 80)
    assert len(short) == 1
