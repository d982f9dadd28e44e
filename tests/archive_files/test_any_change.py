"""Whatever is done to an archive's bytes: never a crash, and beside the chain never a pass."""

import random
import shutil
from pathlib import Path

import pytest

from audit_tui.core.findings import Verdict
from tests.archive_files import build
from tests.archive_files.conftest import Archived
from tests.archive_files.proving import prove

ROUNDS = 30


def damage(content: bytes, chance: random.Random) -> bytes:
    """One change of bytes: flipped, cut, doubled, put in, or taken out."""
    at = chance.randrange(len(content))
    kind = chance.randrange(5)
    if kind == 0:
        return content[:at] + bytes([content[at] ^ (1 << chance.randrange(8))]) + content[at + 1 :]
    if kind == 1:
        return content[:at]
    if kind == 2:
        return content + content[at:]
    if kind == 3:
        return content[:at] + chance.randbytes(chance.randrange(1, 9)) + content[at:]
    return content[:at] + content[at + chance.randrange(1, 9) :]


def test_any_change_of_any_file_is_found_from_the_files_alone(made: Archived, tmp_path: Path) -> None:
    chance = random.Random(20260201)
    names = sorted(path.name for path in made.january.iterdir())
    for number in range(ROUNDS):
        folder = tmp_path / str(number)
        shutil.copytree(made.january, folder)
        path = folder / chance.choice(names)
        before = path.read_bytes()
        path.write_bytes(damage(before, chance))
        if path.read_bytes() != before:
            assert prove(folder).verdict is Verdict.TAMPERED, (number, path.name)


def test_any_change_of_the_manifest_is_found_beside_the_chain(made: Archived, tmp_path: Path) -> None:
    chance = random.Random(20260202)
    for number in range(ROUNDS):
        folder = tmp_path / str(number)
        shutil.copytree(made.january, folder)
        path = folder / "manifest.json"
        before = path.read_bytes()
        path.write_bytes(damage(before, chance))
        if path.read_bytes() != before:
            assert prove(folder, made.february, dsn=made.dsn).verdict is Verdict.TAMPERED, number


@pytest.mark.parametrize("name", ["0001-0001.ndjson.gz", "0001-0002.ndjson.gz", "0001-0003.ndjson.gz"])
def test_any_change_of_any_line_is_found_though_the_manifest_agrees(
    made: Archived, tmp_path: Path, name: str
) -> None:
    """All but an event's `id`, which no seal covers: beside the chain that is found as well."""
    chance = random.Random(name)
    for number in range(ROUNDS // 3):
        folder = tmp_path / str(number)
        shutil.copytree(made.january, folder)
        lines = build.lines_of(folder / name)
        at = chance.randrange(len(lines))
        kept = lines[at]
        lines[at] = damage(kept[:-1], chance) + b"\n"
        if lines[at] == kept:
            continue
        build.write_lines(folder, name, lines, 1)
        build.list_as_it_is(folder, name)
        body = [line.split(b",", 1)[1:] for line in (lines[at], kept)]
        if body[0] != body[1]:
            assert prove(folder).verdict is Verdict.TAMPERED, (number, lines[at])
        assert prove(folder, made.february, dsn=made.dsn).verdict is Verdict.TAMPERED
