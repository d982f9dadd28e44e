"""The kernel's interface: buffers of any kind, rows cut anywhere, and which libraries are not used."""

import hashlib
import subprocess
from pathlib import Path
from random import Random

import pytest

from audit_tui import fast
from audit_tui.fast import Expect, Kernel, Stopped, split_row
from audit_tui.fast.build import FOLDER, LIBRARY, compile_library, find_compiler, source_digest
from audit_tui.fast.kernel import ABI
from audit_tui.fast.loading import load_library
from tests.fast.encoding import before_of, encode
from tests.fast.random_events import TENANT, make_chain

CHAIN = make_chain(Random(3), 20)
ROWS = [encode(event) for event in CHAIN.rows]
DATA = b"".join(ROWS)
BEFORE = before_of(CHAIN.before)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda data: memoryview(bytearray(data))])
def test_every_kind_of_buffer_is_read(kernel: Kernel, kind: type) -> None:
    assert kernel.advance(kind(DATA), BEFORE, Expect(TENANT)).rows == 20
    assert kernel.advance(kind(b""), BEFORE, Expect(TENANT)) == (0, 0, 0, BEFORE, Stopped.END, 0)


def test_rows_may_be_cut_anywhere(kernel: Kernel) -> None:
    """Whatever the cut, what is left over continues with the next bytes."""
    for cut in range(0, len(DATA), 7):
        first = kernel.advance(DATA[:cut], BEFORE, Expect(TENANT))
        whole = sum(1 for at in range(1, 21) if len(b"".join(ROWS[:at])) <= cut)
        assert first.rows == whole
        assert first.stopped is (Stopped.END if first.consumed == cut else Stopped.INCOMPLETE)
        rest = kernel.advance(DATA, first.before, Expect(TENANT), first.consumed)
        assert (rest.rows, rest.stopped, rest.consumed) == (
            20 - whole,
            Stopped.END,
            len(DATA) - first.consumed,
        )


@pytest.mark.parametrize("start", [-1, len(DATA) + 1])
def test_a_start_outside_the_data_is_refused(kernel: Kernel, start: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        kernel.advance(DATA, BEFORE, Expect(TENANT), start)


@pytest.mark.parametrize(
    "change",
    [
        {"sequence": BEFORE.sequence + 1}, {"sequence": 2**70}, {"sequence": -1}, {"event_hash": "0" * 64},
        {"event_hash": BEFORE.event_hash.upper()}, {"event_hash": ""}, {"event_hash": "\ud800"},
        {"hash_version": 3}, {"hash_version": 0}, {"timestamp_us": 2**62},
    ],
)  # fmt: skip
def test_nothing_passes_after_another_row(kernel: Kernel, change: dict[str, object]) -> None:
    other = BEFORE._replace(**change)
    assert kernel.advance(DATA, other, Expect(TENANT)) == (0, 0, 0, other, Stopped.LOOK, 0)


@pytest.mark.parametrize(
    "expect",
    [Expect(TENANT[:-1]), Expect(TENANT + "\0"), Expect("\ud800"), Expect(""), Expect(TENANT, guide=True),
     Expect(TENANT, offset_seconds=86_400), Expect(TENANT, offset_seconds=2**80)],
)  # fmt: skip
def test_nothing_passes_that_was_not_expected(kernel: Kernel, expect: Expect) -> None:
    assert kernel.advance(DATA, BEFORE, expect).stopped is Stopped.LOOK


def test_the_hash_is_sha256_at_every_length(kernel: Kernel) -> None:
    data = Random(1).randbytes(9000)
    for length in [*range(300), *range(2040, 2060), *range(4090, 4110), 6143, 6144, 8999, 9000]:
        want = hashlib.sha256(data[:length]).hexdigest()
        assert kernel.sha256(data[:length]) == kernel.portable().sha256(data[:length]) == want


def test_without_a_wish_for_it_there_is_no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIT_TUI_PLAIN", "1")
    assert fast.load() is None


def test_with_a_compiler_there_is_one(monkeypatch: pytest.MonkeyPatch, kernel: Kernel) -> None:
    monkeypatch.delenv("AUDIT_TUI_PLAIN", raising=False)
    assert fast.load() is load_library(FOLDER / LIBRARY) is not None


def test_what_is_no_library_is_not_used(tmp_path: Path) -> None:
    assert load_library(tmp_path / LIBRARY) is None
    (tmp_path / "text.so").write_text("no library")
    assert load_library(tmp_path / "text.so") is None


ANOTHER = """
#include <stdint.h>
#include <string.h>
int audit_fast_abi(void) { return %d; }
const char *audit_fast_source(void) { return "%s"; }
int audit_fast_has_sha(void) { return 0; }
void audit_fast_advance(const void *data, uint64_t size, const void *expect, void *state, uint64_t *result) {
    (void)data, (void)expect, (void)state, result[0] = 1, result[1] = 0, result[2] = size, result[3] = 0;
}
"""


@pytest.mark.parametrize(
    ("abi", "source"),
    [(ABI + 1, source_digest()), (ABI, "0" * 64), (ABI, source_digest())],
    ids=["another interface", "other sources", "passes everything"],
)
def test_another_library_is_not_used(tmp_path: Path, kernel: Kernel, abi: int, source: str) -> None:
    (tmp_path / "another.c").write_text(ANOTHER % (abi, source))
    command = [*(find_compiler() or []), "-shared", "-fPIC", "-o", "another.so", "another.c"]
    subprocess.run(command, check=True, cwd=tmp_path)
    assert load_library(tmp_path / "another.so") is None


def test_without_a_compiler_one_line_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    assert find_compiler() is None
    assert compile_library(tmp_path / LIBRARY) == "no C compiler"
    monkeypatch.setenv("CC", "/bin/false")
    assert compile_library(tmp_path / LIBRARY) == "the compiler failed"
    assert not list(tmp_path.iterdir())


def test_it_says_where_the_last_row_it_passed_begins(kernel: Kernel) -> None:
    made = kernel.advance(DATA, BEFORE, Expect(TENANT))
    row = split_row(DATA, made.last)
    assert row is not None
    assert row[1] == made.consumed
    assert made.rows > 1
