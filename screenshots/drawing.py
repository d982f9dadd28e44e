"""From the app's SVG to files that look the same everywhere: no font from the network, text really drawn."""

import html
import os
import re
from pathlib import Path

_SERVER_FOLDER = re.compile(r"(?:/[\w.-]+)+/at[a-z0-9_]{8}(?=/)")
FAMILY = "DejaVu Sans Mono"
FONT_VARIABLE = "AUDIT_TUI_FONTS"
_FONT_FILE = "DejaVuSansMono.ttf"
_FOLDERS = (
    "/usr/share/fonts/truetype/dejavu",
    "/usr/share/fonts/dejavu-sans-mono-fonts",
    "/usr/share/fonts/TTF",
    "/usr/share/fonts/dejavu",
    "/Library/Fonts",
    "~/Library/Fonts",
    "~/.local/share/fonts",
)
_FONT_FACE = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)
_TEXT = re.compile(r'<text[^>]*\by="([\d.]+)"[^>]*>(.*?)</text>', re.DOTALL)


def find_font_folder() -> Path:
    """The folder of DejaVu Sans Mono. LookupError says how to get it."""
    named = os.environ.get(FONT_VARIABLE)
    for folder in (named,) if named else _FOLDERS:
        path = Path(folder).expanduser()
        if (path / _FONT_FILE).is_file():
            return path
    hint = f"apt-get install fonts-dejavu-core, or {FONT_VARIABLE}=FOLDER that holds {_FONT_FILE}"
    msg = f"no font {FAMILY} ({hint})"
    raise LookupError(msg)


def tidy(svg: str) -> str:
    """The SVG without fonts from the network: it names the font of the PNG, then any of fixed width.

    The folder of the throwaway server has another name in every run; in a picture it has one.
    """
    svg = _FONT_FACE.sub("", svg)
    svg = re.sub(
        r"font-family: [^;]*Fira Code[^;]*;", f"font-family: '{FAMILY}', Menlo, Consolas, monospace;", svg
    )
    svg = _SERVER_FOLDER.sub("/tmp/at_a_story", svg)  # noqa: S108 (a text in a picture, of the same width)
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def draw_png(svg: str, fonts: Path) -> bytes:
    """The picture at twice its size."""
    import resvg_py

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            zoom=2,
            font_dirs=[str(fonts)],
            font_family=FAMILY,
            monospace_family=FAMILY,
            sans_serif_family="DejaVu Sans",
        )
    )


def plain_text(svg: str) -> str:
    """What can be read on the picture, line by line."""
    lines: dict[float, str] = {}
    for y, text in _TEXT.findall(svg):
        lines[float(y)] = lines.get(float(y), "") + html.unescape(text).replace("\xa0", " ")
    return "\n".join(lines[y] for y in sorted(lines))
