"""The walk of docs/story.md, key by key on the real app: what a picture shows is what a reader will see."""

import re
from pathlib import Path

import pytest

from screenshots.drawing import draw_png, find_font_folder, plain_text
from screenshots.make import take
from screenshots.shots import SHOTS, Shot, Step
from tests.story.conftest import Loaded

ROOT = Path(__file__).resolve().parents[2]
START = SHOTS[0].steps[0]
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
async def test_every_step_of_a_picture_shows_what_it_should(incident: Loaded, shot: Shot) -> None:
    svg = await take(shot, [incident.target])
    assert shot.steps[-1].shows in plain_text(svg)
    assert "@font-face" not in svg


async def test_the_palette_opens_the_other_database_and_comes_back(incident: Loaded, legacy: Loaded) -> None:
    there = Step(("ctrl+p", *"legacy", "enter"), "1 of 2 tenants is tampered with.")
    back = Step(("ctrl+p", *"incident", "enter"), START.shows)
    shot = Shot("palette", (START, there, back))
    assert "org_acme" in plain_text(await take(shot, [incident.target, legacy.target]))


async def test_escape_leads_back_to_where_it_began(incident: Loaded) -> None:
    first = await take(Shot("first", (START, Step(("j",), "org_borealis"))), [incident.target])
    steps = (START, Step(("j", "b"), "Event 455 was changed"), Step(("escape",), START.shows))
    after = await take(Shot("back", steps), [incident.target])
    assert _without_check_times(after) == _without_check_times(first)


def _without_check_times(svg: str) -> str:
    """Each run of the app makes a check of its own."""
    return re.sub(r"\d\d:\d\d:\d\d\.\d{6}Z", "", plain_text(svg))


@pytest.mark.parametrize("size", [(80, 24), (120, 34), (200, 60)], ids=str)
async def test_the_broken_link_is_two_keys_away_at_any_size(incident: Loaded, size: tuple[int, int]) -> None:
    steps = (START, Step(("j", "b"), "Event 455 was changed and given a new hash."))
    svg = await take(Shot("link", steps, size), [incident.target])
    assert "What it means" in plain_text(svg)


def test_the_pictures_that_readers_are_shown_exist_and_are_made() -> None:
    shown = set()
    for document in ("README.md", "docs/story.md"):
        text = (ROOT / document).read_text(encoding="utf-8")
        shown |= set(re.findall(r"screenshots/([\w-]+)\.(?:png|svg)", text))
    assert {"tenants", "timeline-diff", "link-view", "reconstruction"} <= shown
    assert shown <= {shot.name for shot in SHOTS}
    for name in (shot.name for shot in SHOTS):
        assert (ROOT / "screenshots" / f"{name}.svg").is_file()
        assert (ROOT / "screenshots" / f"{name}.png").read_bytes().startswith(PNG)


def test_text_is_really_drawn() -> None:
    try:
        fonts = find_font_folder()
    except LookupError as missing:
        pytest.skip(str(missing))
    frame = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40"><g font-family="DejaVu Sans Mono" '
        'font-size="20"><text x="5" y="25">{}</text></g></svg>'
    )
    drawn, empty = draw_png(frame.format("intact ✓"), fonts), draw_png(frame.format(""), fonts)
    assert drawn.startswith(PNG)
    assert len(drawn) > 2 * len(empty)
