"""The versions of PostgreSQL on this machine:  python -m tools.versions needed | run [PYTEST ARGUMENT...]

`needed` asks whether the versions that NEEDED_VERSIONS lists (majors, separated by blanks) are all here.
`run` repeats the tests that the database decides on every version but the one that all tests run on, with
further arguments for pytest. NEEDED_VERSIONS empty: one version is enough.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from audit_tui.core.errors import AuditError
from audit_tui.embedded.binaries import BIN_VARIABLE, PostgresBinaries, find_binaries, find_versions

ROOT = Path(__file__).resolve().parent.parent
NEEDED_VARIABLE = "NEEDED_VERSIONS"
# Everything else is: a folder that is new is repeated until somebody says here that it need not be.
# (tests/restore brings each version together with another by itself; what reads files or copies of events is
# decided by their text, which every version prints alike: tests/verify and tests/schema would tell.)
_SAME_ON_EVERY_VERSION = {
    "archive_files", "bench", "cli", "core", "fast", "restore", "second", "shape", "story", "tui",
    "vectors", "witness",
}  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Return 0, 1 where a test failed or a needed version is missing, 2 for wrong usage."""
    try:
        if list(arguments) == ["needed"]:
            return _needed(os.environ.get(NEEDED_VARIABLE, "").split())
        if arguments and arguments[0] == "run":
            return _run(arguments[1:])
    except AuditError as error:
        return _complain(f"{error.message} ({error.hint})" if error.hint else error.message, 1)
    return _complain("use: python -m tools.versions needed | run [PYTEST ARGUMENT...]", 2)


def _needed(majors: Sequence[str]) -> int:
    strange = [major for major in majors if not major.isdecimal()]
    if strange:
        return _complain(f"{NEEDED_VARIABLE} takes majors such as '15 18', not {strange[0]!r}", 2)
    found = find_versions()
    missing = [major for major in majors if int(major) not in {one.major for one in found}]
    if missing:
        here = ", ".join(one.version for one in found) or "none"
        return _complain(f"PostgreSQL {' and '.join(missing)} needed, found {here}; {_how(missing)}", 1)
    return 0


def _how(missing: Sequence[str]) -> str:
    packages = " ".join(f"postgresql-{major}" for major in missing)
    return f"Debian: apt-get install {packages}; or name its folder of programs in AUDIT_TUI_PG_MORE"


def _run(arguments: Sequence[str]) -> int:
    first = find_binaries().major
    others = [one for one in find_versions() if one.major != first]
    if not others:
        print("no second PostgreSQL on this machine: tested on one version only", flush=True)
    failed = [one for one in others if _tests_fail_on(one, arguments)]
    for one in failed:
        _complain(f"the database's tests fail on PostgreSQL {one.version}", 1)
    return 1 if failed else 0


def _tests_fail_on(version: PostgresBinaries, arguments: Sequence[str]) -> bool:
    print(f"the database's tests once more on PostgreSQL {version.version}", flush=True)
    command = [sys.executable, "-m", "pytest", *folders(), *arguments]
    environment = {**os.environ, BIN_VARIABLE: str(version.bin_dir)}
    return subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode != 0


def folders() -> list[str]:
    """Return the folders of tests whose outcome may depend on the server's version, by name."""
    return sorted(
        f"tests/{place.name}"
        for place in (ROOT / "tests").iterdir()
        if place.name not in _SAME_ON_EVERY_VERSION and any(place.glob("test_*.py"))
    )


def _complain(line: str, code: int) -> int:
    print(f"error: {line}", file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
