"""`verify --archive`: exit codes, the document, the words."""

import json
import os
from pathlib import Path

from tests.archive_files import build
from tests.archive_files.conftest import Archived
from tests.cli.program import call, run


def test_files_alone(archived: Archived) -> None:
    done = call(None, "verify", "--archive", str(archived.place))
    assert done.code == 0
    assert "All 2 tenants are intact." in done.out
    assert "--dsn" in done.out


def test_archives_and_log(archived: Archived) -> None:
    done = call(archived.dsn, "verify", "--archive", str(archived.place), "--json")
    assert done.code == 0
    document = done.document
    assert (document["format"], document["verdict"]) == ("audit-tui/verify/1", "intact")
    acme = document["tenants"][0]
    assert (acme["first_sequence"], acme["last_sequence"], acme["events"]) == (1, 28, 28)
    assert acme["boundary"]["last_sequence"] == 20
    first, second = document["archives"]
    assert (first["name"], first["events"], first["tenants"]) == (build.JANUARY, 13, 2)
    assert (second["name"], second["place"]) == (build.FEBRUARY, str(archived.february))


def test_a_name_that_is_no_text_is_printed_all_the_same(archived: Archived) -> None:
    Path(os.fsdecode(os.fsencode(archived.january) + b"/\xff\x1b[2J.gz")).write_bytes(b"")
    for arguments in ((), ("--json",)):
        done = run("verify", "--archive", str(archived.place), *arguments)
        assert done.code == 1
        assert "\x1b" not in done.out
        assert done.err == ""


def test_two_folders(archived: Archived) -> None:
    done = call(None, "verify", "--archive", str(archived.february), "--archive", str(archived.january))
    assert done.code == 0


def test_one_folder_that_cannot_decide(archived: Archived) -> None:
    done = call(None, "verify", "--archive", str(archived.february), "--json")
    assert done.code == 3
    assert done.document["tenants"][0]["axes"]["genesis"]["state"] == "not_run"


def test_tampered_files(archived: Archived) -> None:
    (archived.january / "0001-0002.ndjson.gz").unlink()
    done = call(None, "verify", "--archive", str(archived.place), "--json")
    assert done.code == 1
    (finding,) = done.document["tenants"][0]["findings"]
    assert (finding["kind"], finding["severity"]) == ("archive_mismatch", "tampered")
    assert (finding["first_sequence"], finding["last_sequence"]) == (5, 8)


def test_a_manifest_that_is_none_is_found_beside_the_tenants(archived: Archived) -> None:
    (archived.january / "manifest.json").write_text("{}")
    done = call(None, "verify", "--archive", str(archived.january), "--json")
    assert done.code == 1
    assert [orphan["kind"] for orphan in done.document["orphans"]] == ["archive_mismatch"]
    told = call(None, "verify", "--archive", str(archived.january))
    assert "The archives are not as they were written." in told.out


def test_unknown_tenants(archived: Archived) -> None:
    done = call(None, "verify", "--archive", str(archived.place), "--tenant", "nobody")
    assert done.code == 4
    assert done.complaint == "audit-tui: no archive given holds nobody (they hold: acme, other)"
    both = call(None, "verify", "--archive", str(archived.place), "-t", "nobody", "-t", "other", "--json")
    assert both.code == 4
    assert [tenant["tenant_id"] for tenant in both.document["tenants"]] == ["other"]


def test_no_archive(tmp_path: Path) -> None:
    done = call(None, "verify", "--archive", str(tmp_path))
    assert done.code == 2
    assert "there is no archive in" in done.complaint


def test_libpqs_environment_alone_names_no_log(archived: Archived) -> None:
    done = run("verify", "--archive", str(archived.place), "--quiet", PGHOST="/nowhere", PGDATABASE="none")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_text_of_an_archive_is_made_safe(archived: Archived) -> None:
    path = archived.january / "manifest.json"
    document = json.loads(path.read_bytes())
    document["tenants"][0]["tenant_id"] = "\x1b[31mred\u202e[bold]x[/]"
    path.write_text(json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n")
    done = call(None, "verify", "--archive", str(archived.january))
    assert done.code == 1
    assert "\x1b" not in done.out
    assert "\u202e" not in done.out
    assert build.JANUARY in done.out
