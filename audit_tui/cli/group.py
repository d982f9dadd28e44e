"""The way in and out of every command: whatever happens inside, one clear line and the documented code."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from audit_tui.cli import streams
from audit_tui.cli.secrets import redact
from audit_tui.core.errors import AuditError

DONE = 0
TAMPERED = 1
USAGE = 2
INTERRUPTED = 3
INCONCLUSIVE = 3
FAILED = 4

PROGRAM = "audit-tui"
DEBUG = "AUDIT_TUI_DEBUG"


class AuditGroup(TyperGroup):
    """The root command. Typer's own `main` would exit 1 on Ctrl-C and closed pipes: 1 means tampered."""

    def main(self, args: Sequence[str] | None = None, *_ignored: Any, **_more: Any) -> NoReturn:
        """Runs the command line and exits with the documented code; never returns."""
        arguments = list(sys.argv[1:] if args is None else args)
        streams.prepare_streams()
        sys.exit(guarded(lambda: self._run(arguments)))

    def _run(self, arguments: list[str]) -> None:
        with self.make_context(PROGRAM, arguments) as context:
            self.invoke(context)


def guarded(action: Callable[[], None]) -> int:
    """The exit code of an action; its errors become one line on stderr, without a trace."""
    code = _code_of(action)
    final = _code_of(streams.flush)
    return code or final


def _code_of(action: Callable[[], None]) -> int:
    try:
        action()
    except typer.Exit as leaving:
        return leaving.exit_code
    except (KeyboardInterrupt, typer.Abort):
        streams.complain("interrupted before anything was concluded")
        return INTERRUPTED
    except AuditError as error:
        streams.complain(str(error))
        return error.exit_code
    except BrokenPipeError:
        return DONE
    except Exception as error:
        return _unexpected(error)
    return DONE


def _unexpected(error: Exception) -> int:
    usage: Callable[[], str] | None = getattr(error, "format_message", None)
    if usage is not None:
        message = usage().rstrip(".")
        streams.complain(f"{message[:1].lower()}{message[1:]} ({_usage_hint(error)})")
        return USAGE
    if os.environ.get(DEBUG) == "1":
        _print_trace(error)
    streams.complain(f"unexpected {type(error).__name__}: {error} ({DEBUG}=1 shows where)")
    return FAILED


def _usage_hint(error: Exception) -> str:
    if "://" in str(error) or "=" in str(error):
        return "a connection string goes after --dsn"
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else PROGRAM
    return f"see {command} --help"


def _print_trace(error: Exception) -> None:
    """The frames without their local variables: those may hold passwords and personal data."""
    import traceback

    for chunk in traceback.format_exception(error):
        for line in chunk.splitlines():
            streams.say(redact(line))
