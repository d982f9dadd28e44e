"""The timeline over a long chain: what each move costs in the database and in drawing, and in memory.

Runs the real app without a terminal (Textual's headless driver) over a real server. A move is timed from
the key's action to the frame that shows the wanted event; the rest of the frame's time is drawing.
"""

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from audit_tui import bootstrap
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.service.api import AuditService, EventPage, PageRequest, Target
from audit_tui.store.install import install
from audit_tui.tui.app import AuditApp
from audit_tui.tui.screens.timeline import TimelineScreen
from tests.bench import fill, machine
from tests.tui.pilot import screen_text

SIZE = (120, 34)


class Timed:
    """The service, with the milliseconds that its pages took; everything else is passed on."""

    def __init__(self, service: AuditService) -> None:
        self._service = service
        self.milliseconds = 0.0
        self.pages = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)

    def list_events(self, request: PageRequest) -> EventPage:
        page = self._service.list_events(request)
        self.milliseconds += page.milliseconds
        self.pages += 1
        return page


def run(events: int, rounds: int) -> None:
    """Fills a throwaway server and prints the table."""
    with EmbeddedServer.start() as server, TemporaryDirectory() as state:
        dsn = server.create_database()
        print(f"writing {events:,} events of one tenant ...", flush=True)
        with psycopg.connect(dsn) as conn:
            install(conn)
            conn.commit()
            fill.fill(conn, events)
        service = bootstrap.open_service(dsn, state_dir=Path(state))
        print(machine.describe(service.connection.server_version), "-", machine.load())
        asyncio.run(_measure(Timed(service), events, rounds))
        service.close()


async def _measure(service: Timed, events: int, rounds: int) -> None:
    target = Target("bench", lambda: service, auto_verify_below=0)
    app = AuditApp((target,))
    found: dict[str, list[tuple[float, float]]] = {}
    async with app.run_test(size=SIZE) as pilot:
        await _until(lambda: fill.TENANT in screen_text(app))
        before = machine.resident_mb()
        for _ in range(rounds):
            for name, move, wanted in _moves(app, events):
                with _timed(service, found.setdefault(name, [])):
                    move()
                    await _until(lambda wanted=wanted: _shows(app, wanted))
            app.pop_screen()
            await pilot.pause()
        after = machine.resident_mb()
    _print(found, service.pages, before, after)


def _moves(app: AuditApp, events: int) -> Iterator[tuple[str, Callable[[], object], int]]:
    """Name, action and the sequence that must stand on the screen; each follows the one before."""
    middle = events // 2

    def table(action: str) -> Callable[[], object]:
        def move() -> None:
            getattr(_timeline(app).table, f"action_{action}")()  # the timeline is there once it was opened

        return move

    def jump(sequence: int) -> Callable[[], object]:
        return lambda: _timeline(app).table.move_to(sequence - 1, centre=True)

    yield "open", lambda: app.push_screen(TimelineScreen(fill.TENANT)), events
    yield "home", table("cursor_first"), 1
    yield "end", table("cursor_last"), events
    yield f"jump to {middle:,}", jump(middle), middle
    yield "page down", table("page_down"), middle + 10
    yield "page up", table("page_up"), middle
    for part in (5, 4, 3):  # until the pages of the head are no longer remembered
        yield f"jump to {events // part:,}", jump(events // part), events // part
    yield "end, from the database", table("cursor_last"), events


def _timeline(app: AuditApp) -> TimelineScreen:
    screen = app.screen
    if not isinstance(screen, TimelineScreen):
        raise TypeError("the timeline is not the screen that is shown")
    return screen


def _shows(app: AuditApp, sequence: int) -> bool:
    """Whether the line of that event is drawn, and no line still waits for its page."""
    if not isinstance(app.screen, TimelineScreen):
        return False
    text = screen_text(app)
    return f" {sequence} " in text and "⋯" not in text


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.002)  # looking without a pause would keep the reading thread from its work


@contextmanager
def _timed(service: Timed, into: list[tuple[float, float]]) -> Iterator[None]:
    service.milliseconds = 0.0
    began = time.perf_counter()
    yield
    whole = (time.perf_counter() - began) * 1000
    into.append((service.milliseconds, max(whole - service.milliseconds, 0.0)))


def _print(found: dict[str, list[tuple[float, float]]], pages: int, before: float, after: float) -> None:
    print(f"\n{'':<24}{'database':>12}{'drawing':>12}{'together':>12}{'worst':>12}")
    for name, times in found.items():
        database = statistics.median(one for one, _ in times)
        drawing = statistics.median(other for _, other in times)
        worst = max(one + other for one, other in times)
        print(f"{name:<24}{database:9.1f} ms{drawing:9.1f} ms{database + drawing:9.1f} ms{worst:9.1f} ms")
    print(f"\n{pages} pages read; memory of the process {before:.1f} MB before, {after:.1f} MB after")
