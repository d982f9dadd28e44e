"""Compiles the filter for an installation that came without it:  python -m audit_tui.fast"""

import sys

from audit_tui.fast.build import FOLDER, LIBRARY, compile_library
from audit_tui.fast.loading import load_library


def main() -> int:
    """Compiles beside the sources. Returns 0 where the library was made and passes its trial, else 1."""
    reason = compile_library(FOLDER / LIBRARY)
    if reason is None and load_library(FOLDER / LIBRARY) is None:
        reason = "it does not pass its trial"
    if reason is not None:
        sys.stderr.write(f"no compiled filter: {reason}\n")
    return 0 if reason is None else 1


if __name__ == "__main__":
    sys.exit(main())
