"""The entry point: answers --version at once, and leaves everything else to the commands."""

import sys

from audit_tui import __version__


def main() -> None:
    """Run the program with sys.argv; it ends by SystemExit with the documented exit code."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"audit-tui {__version__}\n")
        return
    from audit_tui.cli.app import app

    app(prog_name="audit-tui")


if __name__ == "__main__":
    main()
