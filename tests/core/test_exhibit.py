"""What goes into a report: complete, whole hashes, and no value of the log that is read as markup."""

import json
import subprocess
from pathlib import Path

import pytest

from audit_tui.core.errors import AuditError, UsageError
from audit_tui.core.exhibit.document import as_json
from audit_tui.core.exhibit.markdown import as_markdown, block, code, escaped
from audit_tui.core.exhibit.model import Exhibit, Origin, exhibit_of, exhibits_of
from audit_tui.core.findings import Finding, Kind, Severity
from audit_tui.core.safe import BAD
from audit_tui.core.shell import join_words
from audit_tui.service.api import VerifyRequest
from audit_tui.service.exhibits import build, write_both, write_new
from tests.builders import edit, make_chain, rehash
from tests.fakes import FakeService

ORIGIN = Origin("analyst@db:5432/log", "PostgreSQL 18.6", "log-1", "2026-11-02T17:41:07.000000Z", "0.1.0")
HOSTILE = "`x`|[a](http://e)\n# head <script>*b*_c_\u202etxt\x1b[2J\u200b"


def _exhibits(tenant: str = "org_a") -> tuple[Exhibit, ...]:
    chain = make_chain(tenant, 30)
    edit(chain, 12, actor_id="other")
    rehash(chain, 12)
    edit(chain, 20, timestamp="2023-01-01 00:00:00+00")
    report = FakeService({tenant: chain}).verify(VerifyRequest()).tenants[0]
    return exhibits_of(report, "audit-tui verify --tenant org_a")


def test_an_exhibit_says_everything_that_a_report_needs() -> None:
    first = _exhibits()[0]
    text = as_markdown(ORIGIN, [first])
    assert first.story is not None
    finding = first.findings[0]
    for wanted in (
        "Event 12 was changed and given a new hash.", "Tampered: edited and rehashed at 12", "`org_a`",
        "`analyst@db:5432/log`", "`log-1`", "2026-11-02T17:41:07.000000Z by audit-tui 0.1.0",
        "## What it means", "## How sure this is", "Likely, the simplest act", "## Still proven",
        "## Not known", "## To repeat the check",
        f"`{finding.expected}`", f"`{finding.found}`", "link mismatch at 13",
        "```sh\naudit-tui verify --tenant org_a\n```", "- attestation: not run",
    ):  # fmt: skip
        assert wanted in text, wanted
    assert first.report is not None
    assert escaped(first.report.claim) in text


def test_the_document_holds_the_same_and_parses() -> None:
    exhibits = _exhibits()
    document = json.loads(as_json(ORIGIN, exhibits))
    assert document["format"] == "audit-tui/exhibit/1"
    assert document["database"] == {
        "target": "analyst@db:5432/log", "server": "PostgreSQL 18.6", "log_id": "log-1",
    }  # fmt: skip
    assert len(document["exhibits"]) == len(exhibits)
    first = document["exhibits"][0]
    assert first["story"]["kind"] == "edited_and_rehashed"
    assert first["story"]["confidence"] == "likely"
    assert first["findings"][0]["expected"] == exhibits[0].findings[0].expected
    assert first["check"]["verdict"] == "tampered"
    assert first["command"] == "audit-tui verify --tenant org_a"


def test_no_value_is_markup_and_nothing_is_hidden() -> None:
    finding = Finding(
        Kind.TIME_DISORDER, Severity.NOTICE, HOSTILE, 3, 3, HOSTILE, HOSTILE, HOSTILE, None, (HOSTILE,)
    )
    exhibit = exhibit_of(HOSTILE, finding, None, join_words(["audit-tui", "--tenant", HOSTILE]))
    text = as_markdown(ORIGIN, [exhibit])
    assert not BAD.search(text.replace("\n", ""))
    prose = text.replace(code(HOSTILE), "").replace(join_words([HOSTILE]), "").replace("\\<", "")
    assert "<script" not in prose
    assert "](http" not in prose.replace("\\]", "")
    assert "Not decided: the check had not ended" in text
    document = as_json(ORIGIN, [exhibit])
    assert document.isascii()
    assert json.loads(document)["exhibits"][0]["tenant_id"] == HOSTILE


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("content_mismatch", "content\\_mismatch"),
        ("a|b", "a\\|b"),
        ("- item", "\\- item"),
        ("12. item", "12\\. item"),
        ("# head", "\\# head"),
        ("see https://e.org www.e.org", "see https:\\//e.org www\\.e.org"),
        ("one\ntwo", "one␊two"),
        ("\u202eabc", "\\<U+202E\\>abc"),
    ],
)
def test_text_is_shown_as_it_stands(text: str, wanted: str) -> None:
    assert escaped(text) == wanted


def test_code_and_blocks_stand_between_more_backticks_than_they_hold() -> None:
    assert code("abc") == "`abc`"
    assert code("a``b") == "``` a``b ```"
    assert code("") == "`  `"
    assert block("```\nx")[0] == "````sh"


def test_a_command_of_any_words_is_what_the_shell_runs() -> None:
    words = ["plain", "two words", "it's", HOSTILE, "\\", "\x9b1", "1\x012", "é漢", ""]
    printed = join_words(["printf", "%s\\0", *words])
    assert not BAD.search(printed)
    done = subprocess.run(["bash", "-c", printed], capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == words


def test_a_name_of_a_file_owes_nothing_to_the_log() -> None:
    finding = Finding(Kind.TIME_DISORDER, Severity.NOTICE, "../../x", 3, 3, "../y", "z")
    stem = exhibit_of("../../x", finding, None, "").file_stem
    assert stem.startswith("audit-tui-time-disorder-3-")
    assert stem.replace("-", "").isalnum()


def test_a_file_is_written_once_for_its_owner_alone(tmp_path: Path) -> None:
    exhibit = _exhibits()[0]
    markdown, document = write_both(tmp_path, ORIGIN, exhibit)
    assert markdown.read_text("utf-8") == as_markdown(ORIGIN, [exhibit])
    assert json.loads(document.read_text("utf-8"))["exhibits"]
    assert markdown.stat().st_mode & 0o777 == 0o600
    markdown.unlink()
    with pytest.raises(AuditError, match="already"):
        write_both(tmp_path, ORIGIN, exhibit)
    assert not markdown.exists()


def test_what_can_not_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="no folder"):
        write_new(tmp_path / "none" / "a.md", "x")
    (tmp_path / "link.md").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(AuditError, match="already"):
        write_new(tmp_path / "link.md", "x")
    with pytest.raises(UsageError):
        build(".txt", ORIGIN, [])
    assert "Nothing was found." in build(".md", ORIGIN, [])
