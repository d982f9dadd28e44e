"""Find the UTC offsets that no quarter of an hour is: python -m tools.historical_offsets ZONEINFO_FOLDER ...

Before zones were set by law, clocks showed local mean time, and PostgreSQL prints such times with seconds in
the offset. The list that the two verifiers search (`audit_tui.core.oldzones`, `audit.verify_old_offsets`) was
made with this from the files of PostgreSQL's own copy and of a Linux system; it must hold what is printed.
"""

import struct
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from audit_tui.core.oldzones import OLD_OFFSETS, OLD_UNTIL_US

QUARTER = 900
_HEADER = 44


def main(folders: list[str]) -> int:
    """Prints the offsets and when the last of them ended; 1 where the shipped list lacks one."""
    offsets: set[int] = set()
    ended = 0
    for folder in folders:
        for name in sorted(Path(folder).rglob("*")):
            if (
                not name.is_file() or "right" in name.parts
            ):  # `right` counts leap seconds: PostgreSQL does not
                continue
            for offset, end in read_offsets(name.read_bytes()):
                if offset % QUARTER:
                    offsets.add(offset)
                    ended = max(ended, end)
    print(" ".join(map(str, sorted(offsets))))
    last = datetime.fromtimestamp(ended, UTC).isoformat()
    lacking = sorted(offsets - set(OLD_OFFSETS))
    print(f"{len(offsets)} offsets, the last in force until {last}; not in the list: {lacking or 'none'}")
    return 1 if lacking or ended * 1_000_000 > OLD_UNTIL_US else 0


def read_offsets(data: bytes) -> Iterator[tuple[int, int]]:
    """Each UTC offset of a TZif file, in seconds, and a second at which it ended; nothing for other files."""
    if data[:4] != b"TZif":
        return
    start, width = 0, 4
    if data[4:5] >= b"2":  # a second block follows, with 64-bit times
        start, width = _length(data, 0, 4), 8
    times, types = struct.unpack_from(">2l", data, start + 32)
    at = start + _HEADER
    ends = struct.unpack_from(f">{times}{'q' if width == 8 else 'l'}", data, at)
    which = data[at + times * width : at + times * (width + 1)]
    at += times * (width + 1)
    offsets = [struct.unpack_from(">l", data, at + 6 * number)[0] for number in range(types)]
    current = 0
    for end, number in zip(ends, which, strict=True):
        yield offsets[current], end
        current = number
    yield offsets[current], ends[-1] if ends else 0


def _length(data: bytes, start: int, width: int) -> int:
    isut, isstd, leap, times, types, chars = struct.unpack_from(">6l", data, start + 20)
    return _HEADER + times * (width + 1) + types * 6 + chars + leap * (width + 4) + isstd + isut


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
