"""Manifests that were changed: alone they can lie whole; beside the chain they cannot."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from audit_tui.core.archive.lines import line_to_event
from audit_tui.core.archive.manifest import MANIFEST_NAME
from audit_tui.core.archive.manifest_text import dump_manifest
from audit_tui.core.findings import Verdict
from audit_tui.embedded import tamper
from tests.archive_files import build
from tests.archive_files.build import FEBRUARY, JANUARY
from tests.archive_files.conftest import Archived
from tests.archive_files.proving import TAMPERED, findings, places, prove, told
from tests.verify import chains
from tests.verify.chains import ACME

A = "a" * 64


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"events": 9}, "contradicts itself about tenant 1"),
        ({"last_sequence": 9}, "contradicts itself about tenant 1"),
        ({"tree": {"size": 9, "hashes": [A, A]}}, "contradicts itself about tenant 1"),
        ({"files": []}, "holds no list of files in tenant 1"),
        ({"tenant_id": 7}, "holds no tenant_id"),
    ],
)
def test_counts_that_no_longer_fit(archived: Archived, changed: dict[str, Any], said: str) -> None:
    build.edit_manifest(archived.january, **changed)
    report = prove(archived.place)
    assert report.verdict is TAMPERED
    assert f"The manifest of archive {JANUARY} {said}" in told(report)


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"first_hash": A}, "first hash"),
        ({"last_hash": A}, "last hash"),
        ({"first_time": "2020-01-01 00:00:00+00"}, "first time"),
        ({"last_time": "2020-01-01 00:00:00+00"}, "last time"),
        ({"tree": {"size": 10, "hashes": [A, A]}}, "tree of hashes"),
    ],
)
def test_values_that_the_files_contradict(archived: Archived, changed: dict[str, Any], what: str) -> None:
    build.edit_manifest(archived.january, **changed)
    report = prove(archived.january)
    assert report.verdict is TAMPERED
    assert f"The manifest of archive {JANUARY} names another {what} than its files hold." in told(report)


def test_the_hash_before_the_first_event(archived: Archived) -> None:
    build.edit_manifest(archived.february, first_previous_hash=A)
    report = prove(archived.february)
    assert "names another hash before the first event" in told(report)
    assert report.verdict is TAMPERED


@pytest.mark.parametrize("at", [0, 1])
def test_a_tree_whose_beginning_is_not_at_hand_is_compared_as_far_as_it_reaches(
    archived: Archived, at: int
) -> None:
    """Of 20 leaves the first 16 are one subtree, which begins below event 11; 17 to 20 are another."""
    tree = build.manifest_of(archived.february).tenants[0].tree
    hashes = [A if n == at else each for n, each in enumerate(tree.hashes)]
    build.edit_manifest(archived.february, tree={"size": 20, "hashes": hashes})
    assert ("tree of hashes" in told(prove(archived.february))) is (at == 1)
    assert "tree of hashes" in told(prove(archived.place))


@pytest.mark.parametrize("name", ["../0001-0001.ndjson.gz", "/etc/passwd", "0001-0002.ndjson.gz"])
def test_a_file_name_leads_nowhere(archived: Archived, name: str) -> None:
    path = archived.january / MANIFEST_NAME
    path.write_bytes(path.read_bytes().replace(b"0001-0001.ndjson.gz", name.encode(), 1))
    report = prove(archived.january)
    assert report.verdict is TAMPERED
    assert "gives file 1 of tenant 1 a name that is not 0001-0001.ndjson.gz" in told(report)


def rewrite_whole(archived: Archived, tmp_path: Path, dsn: str) -> Path:
    """January with other contents, sealed by the schema itself: everything inside it fits."""
    forged = build.read_events(dsn, ACME, (1, 10))
    others = build.read_events(dsn, "other", (1, 3))
    place = tmp_path / "forged"
    return build.write(place, JANUARY, [(ACME, [], forged), ("other", [], others)])


@pytest.fixture
def forged_january(archived: Archived, audit_db: str, tmp_path: Path) -> Path:
    with psycopg.connect(audit_db) as conn:
        chains.build_ours(conn)
        tamper.edit_field(conn, ACME, 3, "actor_id", "usr_someone_else")
        tamper.rehash_from(conn, ACME, 3)
        conn.commit()
    return rewrite_whole(archived, tmp_path, audit_db)


def test_an_archive_rewritten_whole_fits_itself(forged_january: Path) -> None:
    """Nothing in the files can tell: the claim has to say what they rest on."""
    report = prove(forged_january)
    assert report.verdict is Verdict.INTACT
    assert "only the chain vouches for" in report.claim + report.tenants[0].claim


def test_an_archive_rewritten_whole_does_not_fit_the_next_one(
    archived: Archived, forged_january: Path
) -> None:
    report = prove(forged_january, archived.february)
    assert report.verdict is TAMPERED
    assert ("archive_mismatch", 10, 10) in places(report)
    assert ("link_mismatch", 11, 11) in places(report)


def test_an_archive_rewritten_whole_is_not_the_one_that_the_chain_names(
    archived: Archived, forged_january: Path
) -> None:
    report = prove(forged_january, archived.february, dsn=archived.dsn)
    assert report.verdict is TAMPERED
    named = [f for f in findings(report) if f.tenant_id == "other"]
    (digests,) = [f for f in named if "is not the one that event" in f.message]
    expected = (build.digest_of(archived.january), build.digest_of(forged_january))
    assert (digests.expected, digests.found) == expected


@pytest.mark.parametrize("name", ["reason", "requester", "created_at", "database"])
def test_words_that_nothing_else_covers_are_covered_by_the_chain(archived: Archived, name: str) -> None:
    path = archived.january / MANIFEST_NAME
    document = json.loads(path.read_bytes()) | {name: "2020-01-01T00:00:00.000000Z"}
    build.write_document(path, document)
    assert prove(archived.place).verdict is Verdict.INTACT
    report = prove(archived.place, dsn=archived.dsn)
    assert report.verdict is TAMPERED
    assert f"The manifest of archive {JANUARY} is not the one that event" in told(report)


@pytest.mark.parametrize("name", ["reason", "requester", "created_at", "database"])
def test_words_that_were_edited_are_found_from_the_files_alone(archived: Archived, name: str) -> None:
    path = archived.january / MANIFEST_NAME
    document = json.loads(path.read_bytes()) | {name: "2020-01-01T00:00:00.000000Z"}
    path.write_text(json.dumps(document, sort_keys=True, separators=(",", ":")) + "\n")
    report = prove(archived.january)
    assert report.verdict is TAMPERED
    sentence = f"The manifest of archive {JANUARY} was changed: it does not give its own checksum."
    assert [finding.message for finding in report.orphans] == [sentence]
    assert sum(tenant.events for tenant in report.tenants) == 13


def test_a_later_archive_that_holds_the_record_tells_without_the_log(
    archived: Archived, tmp_path: Path
) -> None:
    """March holds the events 21 to 27, the record of January among them."""
    acme = build.read_events(archived.dsn, ACME, (21, 28))
    before = [event for folder in (archived.january, archived.february) for event in all_events(folder)]
    build.write(archived.place, build.MARCH, [(ACME, before, acme[:7])])
    assert prove(archived.place).verdict is Verdict.INTACT
    build.edit_manifest(archived.january, first_time="2020-01-01 00:00:00+00")
    assert f"The manifest of archive {JANUARY} is not the one that event 27" in told(prove(archived.place))


def all_events(folder: Path) -> list[Any]:
    tenant = build.manifest_of(folder).tenants[0]
    return [line_to_event(line) for file in tenant.files for line in build.lines_of(folder / file.name)]


def test_an_archive_that_no_event_names(archived: Archived) -> None:
    """Other's events 1 to 3 lie in an archive of their own, too: the chain knows nothing of it."""
    manifest = build.manifest_of(archived.january)
    other = manifest.tenants[1]
    stranger = archived.place / build.MARCH
    stranger.mkdir()
    file = other.files[0]
    content = (archived.january / file.name).read_bytes()
    (stranger / "0001-0001.ndjson.gz").write_bytes(content)
    tenant = replace(other, files=(replace(file, name="0001-0001.ndjson.gz"),))
    made = replace(manifest, archive=build.MARCH, tenants=(tenant,))
    (stranger / MANIFEST_NAME).write_bytes(dump_manifest(made))
    report = prove(archived.place, dsn=archived.dsn)
    assert report.verdict is TAMPERED
    assert f"The manifest of archive {build.MARCH} is not the one that event 7" in told(report)


def test_february_recorded_with_januarys_digest(archived: Archived) -> None:
    assert FEBRUARY not in told(prove(archived.place, dsn=archived.dsn))
    with psycopg.connect(archived.dsn) as conn:
        tamper.edit_field(conn, ACME, 28, "metadata", "{}")
        tamper.rehash_from(conn, ACME, 28)
        conn.commit()
    report = prove(archived.place, dsn=archived.dsn)
    assert report.verdict is TAMPERED
    sentence = (
        f"No intact event of the chain names archive {FEBRUARY}, though these events are not in the log"
    )
    assert sentence in told(report)
