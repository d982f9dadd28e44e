"""What the commands about witnesses and proofs share: their options, and the way to the service."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from audit_tui.cli.common import resolve_dsn

if TYPE_CHECKING:
    from audit_tui.service.witnessing import WitnessingService

TenantsOption = Annotated[
    list[str] | None,
    typer.Option("--tenant", "-t", metavar="T", show_default=False, help="This tenant; may be repeated."),
]
DirectoryOption = Annotated[
    Path | None,
    typer.Option(
        "--directory",
        metavar="DIR",
        envvar="AUDIT_TUI_WITNESS_DIR",
        show_default=False,
        help="A folder of checkpoints that several people share, in git for instance.",
    ),
]
PublicKeyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--public-key",
        metavar="KEY",
        show_default=False,
        help="Whose signature counts: name+id+base64, or a file that holds it; may be repeated.",
    ),
]


@contextlib.contextmanager
def open_witnessing(context: typer.Context, dsn: str | None) -> "Iterator[WitnessingService]":
    """The connected log and its witnesses, closed at the end. Raises as `open_log`."""
    from audit_tui.bootstrap import open_witnessing as connect

    service = connect(resolve_dsn(context, dsn))
    try:
        yield service
    finally:
        service.close()
