"""`audit-tui demo`: a throwaway PostgreSQL with a story in it, opened on screen, or told on a pipe."""

import sys
import threading
from datetime import UTC
from typing import TYPE_CHECKING, Annotated

import typer

from audit_tui.cli import streams
from audit_tui.cli.paper import Paper, role
from audit_tui.cli.verifytext import print_report
from audit_tui.service.api import Target, VerifyRequest

if TYPE_CHECKING:
    from audit_tui.embedded.demo import Demo

EXAMPLES = """\b
Examples:
  audit-tui demo
  audit-tui demo < /dev/null
  audit-tui demo --serve
"""
_ABOUT = {
    "incident": "The log of six tenants, in this tool's schema.",
    "legacy": "The log of two tenants, in a schema built by hand from the guide.",
}


def register(app: typer.Typer) -> None:
    app.command("demo", epilog=EXAMPLES)(demo)


def demo(
    serve: Annotated[
        bool,
        typer.Option("--serve", help="Open no screen: print the connection strings and wait for Ctrl-C."),
    ] = False,
) -> None:
    """Open a story: six tenants of a throwaway PostgreSQL, some of them tampered with.

    Without a terminal it prints what a check finds. Server, data and witnesses are gone at the end; nothing
    of yours is read or written. Exits 0 whatever the story's verdict is.
    """
    from audit_tui.bootstrap import open_service
    from audit_tui.embedded.demo import open_demo

    screen = streams.is_terminal(sys.stdin) and streams.is_terminal(sys.stdout)
    with open_demo(open_service, lambda step: streams.say(f"{step} ...")) as story:
        if serve:
            _serve(story)
        elif screen:
            _show(story)
        else:
            _tell(story)


def _show(story: "Demo") -> None:
    from audit_tui.tui.app import run_app

    code = run_app(story.targets)
    if code:
        raise typer.Exit(code)


def _tell(story: "Demo") -> None:
    paper = Paper()
    for number, target in enumerate(story.targets):
        if number:
            paper.line()
        paper.line(role(f"{target.name}: {_ABOUT.get(target.name, '')}", "heading"))
        paper.line()
        _check(paper, target)


def _check(paper: Paper, target: Target) -> None:
    service = target.open()
    try:
        report = service.verify(VerifyRequest(record_witness=False))
        times = {tenant.tenant_id: tenant.last_time for tenant in service.list_tenants()}
    finally:
        service.close()
    print_report(paper, report, times, "UTC", UTC)


def _serve(story: "Demo") -> None:
    """For trying the commands from another terminal, or in a pipe that keeps standard input open."""
    try:
        paper = Paper()
        for name, dsn in zip(_ABOUT, (story.dsn, story.guide_dsn), strict=True):
            paper.line(role(f'{name}: --dsn "{dsn}"', limit=1000))
        paper.line(role(f'witnesses: AUDIT_TUI_STATE_DIR="{story.state_dir}"', limit=1000))
        streams.flush()
        streams.say("waiting; Ctrl-C ends the server and removes everything")
        threading.Event().wait()
    except KeyboardInterrupt:
        streams.say("")
