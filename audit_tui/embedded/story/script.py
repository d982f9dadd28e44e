"""The script: for each tenant its scenes, and as many ordinary events around them as its length asks for."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from audit_tui.embedded.story import intrusion, scenes
from audit_tui.embedded.story.beats import Beat
from audit_tui.embedded.story.daily import something_ordinary
from audit_tui.embedded.story.events import StoryEvent, moment
from audit_tui.embedded.story.world import World

START = moment("2023-11-01 08:15:00")
END = moment("2024-12-31 17:00:00")
BATCH = 499
"""Events per import; the `audit.imported` event that ends each batch makes it 500 sequences."""

Scenes = tuple[Callable[[World], list[Beat]], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """One tenant of the story. `events` is how many the application logged.

    Where `pinned` is set, the beat at that moment becomes that application event (counted from 1): the
    intruder's work stands at known places.
    """

    tenant_id: str
    events: int
    scenes: Scenes
    pinned: tuple[int, str] | None = None
    until: datetime = END


def event_number(sequence: int) -> int:
    """Which application event (from 1) stands at a sequence of an imported chain."""
    return sequence - (sequence - 1) // (BATCH + 1)


PLANS: tuple[Plan, ...] = (
    Plan("org_acme", event_number(1203), (scenes.founding, intrusion.night_at_acme),
         (event_number(805), "2024-09-14 22:31:02.410")),
    Plan("org_borealis", event_number(939), (scenes.founding, intrusion.night_at_borealis),
         (event_number(453), "2024-09-14 22:46:40.030")),
    Plan("org_cobalt", event_number(869), (scenes.founding, intrusion.night_at_cobalt),
         (event_number(300), "2024-09-14 23:02:17.555")),
    Plan("org_delta", event_number(1017), (scenes.founding, intrusion.last_visit_to_delta),
         until=moment("2024-12-30 18:00:00")),
    Plan("org_xyz789", event_number(1101),
         (scenes.founding, scenes.guide_examples, scenes.life_of_usr_456, intrusion.night_at_xyz789,
          intrusion.morning_after)),
    Plan("org_zenith", event_number(408), (scenes.founding, scenes.life_of_ines)),
)  # fmt: skip
"""The six tenants of the main database."""

GUIDE_PLANS: tuple[Plan, ...] = (
    Plan("org_harbor", 150, (scenes.founding,)),
    Plan("org_lumen", 150, (scenes.founding, scenes.repriced_order), (96, "2024-07-02 10:04:12")),
)
"""The two tenants of the guide-built database."""


def tell(plan: Plan) -> tuple[StoryEvent, ...]:
    """Every event of a tenant in order of time; the same at every call."""
    world = World(plan.tenant_id, START)
    beats = [beat for scene in plan.scenes for beat in scene(world)]
    beats += [Beat(at, something_ordinary) for at in _ordinary_moments(plan, world, beats)]
    for beat in sorted(beats, key=lambda one: one.at):
        world.now = beat.at
        beat.act(world)
    return tuple(world.events)


def _ordinary_moments(plan: Plan, world: World, beats: list[Beat]) -> list[datetime]:
    """Moments of ordinary events, never in the middle of a night's scene, so that places stay known."""
    founded = max(beat.at for beat in scenes.founding(world))
    wanted = plan.events - len(beats)
    if plan.pinned is None:
        return _moments(world.random, founded, plan.until, wanted)
    number, text = plan.pinned
    pivot = moment(text)
    before = number - 1 - sum(beat.at < pivot for beat in beats)
    early = _moments(world.random, founded, pivot - timedelta(hours=1), before)
    return early + _moments(world.random, pivot + timedelta(hours=1), plan.until, wanted - before)


def _moments(rng: random.Random, start: datetime, end: datetime, count: int) -> list[datetime]:
    """`count` moments between two, most of them in working hours, busier in some weeks than in others."""
    first = start.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [first + timedelta(days=day) for day in range((end - first).days + 1)]
    mood = [rng.uniform(0.4, 1.6) for _ in range(len(days) // 7 + 1)]
    weights = [mood[number // 7] * (0.12 if day.weekday() >= 5 else 1.0) for number, day in enumerate(days)]
    found: set[datetime] = set()
    while len(found) < count:
        day = rng.choices(days, weights)[0]
        at = day + timedelta(milliseconds=round(rng.triangular(6.5, 19.5, 10.5) * 3_600_000))
        if start < at < end:
            found.add(at)
    return sorted(found)
