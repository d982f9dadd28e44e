"""Options of how a check reads: with how many connections, and for how long a lost one is tried again."""

from typing import Annotated

import typer

MOST_JOBS = 16
"""Connections of one check: more would take the database from those who write to it."""

JobsOption = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        min=1,
        max=MOST_JOBS,
        metavar="N",
        show_default=False,
        help="Connections that read side by side (unless given: as many as pay).",
    ),
]
ReconnectOption = Annotated[
    float,
    typer.Option(
        "--reconnect",
        min=0,
        max=86_400,
        metavar="SECONDS",
        help="How long a lost connection is tried again before the check ends, inconclusive.",
    ),
]
IncrementalOption = Annotated[
    bool,
    typer.Option(
        "--incremental/--full",
        help="Begin where the last check of each tenant ended, after comparing that event with what was "
        "witnessed of it; or check every event again.",
    ),
]
ContinuityOption = Annotated[
    bool | None,
    typer.Option(
        "--continuity/--no-continuity",
        show_default=False,
        help="Compare snapshots and changes along each resource's history as well (unless given: in chains "
        "of up to 20,000 events).",
    ),
]
AttestOption = Annotated[
    bool,
    typer.Option(
        "--attest/--no-attest",
        help="Examine triggers, functions and grants as well, as doctor does; holes are suspicious.",
    ),
]
RECONNECT_SECONDS = 30.0
