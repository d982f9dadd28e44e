"""The library beside this file, where there is one that can be relied on."""

import ctypes
import os
from functools import cache
from pathlib import Path

from audit_tui.fast.build import FOLDER, LIBRARY, source_digest
from audit_tui.fast.golden import passes
from audit_tui.fast.kernel import ABI, Kernel

PLAIN = "AUDIT_TUI_PLAIN"
"""An environment variable: 1 does without the compiled filter, for comparison and in doubt."""


def load() -> Kernel | None:
    """The kernel; None where it is not wanted, not built, of other sources, or fails its trial."""
    return None if os.environ.get(PLAIN, "") not in {"", "0"} else load_library(FOLDER / LIBRARY)


@cache
def load_library(path: Path) -> Kernel | None:
    """The kernel of a library that was made from the sources at hand and passes its trial, else None."""
    try:
        library = ctypes.CDLL(str(path))
        library.audit_fast_source.restype = ctypes.c_char_p
        if library.audit_fast_abi() != ABI or library.audit_fast_source() != source_digest().encode():
            return None
        kernel = Kernel(library)
    except (OSError, AttributeError):  # not there, for another machine, or another library altogether
        return None
    return kernel if passes(kernel) else None
