"""Compiles the filter where a C compiler is at hand: for wheels, editable installs, by `-m audit_tui.fast`.

Without a compiler there is no library, and everything is verified by the plain reference: slower, and with
the same verdicts. (The packaging hook loads this file by itself: it imports nothing of the package.)
"""

import os
import sys
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
SOURCES = ("kernel.c", "sha256.h")
LIBRARY = {"darwin": "libkernel.dylib", "win32": "libkernel.dll"}.get(sys.platform, "libkernel.so.1")
"""A name that nothing takes for a module of Python, as it would one that ends in .so."""
_FLAGS = ("-std=c11", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-Wall", "-Wextra")


def source_digest(folder: Path = FOLDER) -> str:
    """Of the sources: a library tells which ones it was made from, so a stale one is never used."""
    digest = sha256()
    for name in SOURCES:
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()


def find_compiler() -> list[str] | None:
    """The compiler's command: what the variable CC names, else cc, gcc or clang; None where there is none."""
    import shlex
    import shutil

    named = shlex.split(os.environ.get("CC", ""))
    candidates = [named] if named else [["cc"], ["gcc"], ["clang"]]
    return next((command for command in candidates if shutil.which(command[0])), None)


def compile_library(target: Path, *flags: str) -> str | None:
    """Makes the library `target`, replacing an older one at once. Returns why not, None where it was made."""
    import subprocess
    import tempfile

    compiler = find_compiler()
    if compiler is None:
        return "no C compiler"
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".kernel-") as folder:
            made = Path(folder) / target.name
            define = f'-DSOURCE_DIGEST="{source_digest()}"'
            command = [*compiler, *_FLAGS, *flags, define, "-o", str(made), str(FOLDER / SOURCES[0])]
            done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 the user's own compiler, no shell
            if done.returncode != 0 or not made.exists():
                return _first_line(done.stderr) or "the compiler failed"
            made.replace(target)
    except OSError as error:
        return str(error)
    return None


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0][:200]
