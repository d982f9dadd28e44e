"""The commands that the documentation gives for proving an archive without this tool, run as they stand."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.archive_files import build
from tests.archive_files.conftest import Archived
from tests.archive_files.test_tampered_files import SECOND, rewrite

PAGE = Path(__file__).parents[2] / "docs" / "archiving.md"
BY_HAND = PAGE.read_text(encoding="utf-8").split("### Proving an archive by hand")[1]
DIGESTS, CHECKSUM, LINKS, MANIFEST = re.findall(r"```sh\n(.*?)```", BY_HAND, re.DOTALL)


def sh(script: str, folder: Path, **environment: str) -> str:
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_digests_of_the_files(archived: Archived) -> None:
    told = sh(DIGESTS, archived.january).splitlines()
    assert len(told) == 4
    assert all(line.endswith("as the manifest lists it") for line in told)
    (archived.january / SECOND).write_bytes(b"x")
    assert f"{SECOND}: DIFFERS" in sh(DIGESTS, archived.january).splitlines()


def test_the_checksum_of_the_manifest(archived: Archived) -> None:
    kept, computed = sh(CHECKSUM, archived.january).splitlines()
    assert computed.split()[0] == kept
    path = archived.january / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"reason":null', b'"reason":"x"'))
    kept, computed = sh(CHECKSUM, archived.january).splitlines()
    assert computed.split()[0] != kept


def test_the_links_of_the_events(archived: Archived) -> None:
    last = build.manifest_of(archived.january).tenants[0].last_hash
    assert sh(LINKS, archived.january) == f'10 events, last hash "{last}"\n'
    lines = build.lines_of(archived.january / SECOND)
    rewrite(archived.january, SECOND, lines[:1] + lines[2:], listed=False)
    assert "BROKEN before line 6\n" in sh(LINKS, archived.january)


@pytest.mark.skipif(shutil.which("psql") is None, reason="needs psql")
def test_the_manifest_against_the_chain(archived: Archived) -> None:
    told = sh(MANIFEST, archived.january, DSN=archived.dsn)
    digest, *rows = told.splitlines()
    assert digest.split() == [build.digest_of(archived.january), "manifest.json"]
    acme = build.manifest_of(archived.january).tenants[0]
    assert f"{build.JANUARY}|{build.digest_of(archived.january)}|{acme.last_hash}" in rows
