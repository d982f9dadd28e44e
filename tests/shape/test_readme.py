"""The README and docs/ say only what is there: its commands, targets, pictures and links all exist."""

import re
import shlex
from pathlib import Path

import click
import pytest
import typer.main

from tests.shape.sources import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCED = re.compile(r"^```(?:sh|console)?\n(.*?)^```", re.M | re.S)
BLOCKS = [block for page in PAGES for block in FENCED.findall(page.read_text(encoding="utf-8"))]
LINES = [line.strip().removeprefix("$ ") for block in BLOCKS for line in block.splitlines() if line.strip()]
MAKE_LINES = [line for line in LINES if line.startswith("make ")]
TOOL_LINES = [line for line in LINES if re.match(r"(?:\S+=\S* )?audit-tui\b", line)]


def root_command() -> click.Group:
    """Return the program as click sees it."""
    from audit_tui.cli.app import app

    command = typer.main.get_command(app)
    assert hasattr(command, "commands")
    return command


def options_of(command: click.Command) -> set[str]:
    """Return every spelling of the command's options."""
    return {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}


def test_the_first_screen_has_exactly_two_set_up_commands() -> None:
    first = [line for line in BLOCKS[0].splitlines() if line.strip()]
    commands = [line.split("#")[0].strip() for line in first]
    assert commands[0].startswith("git clone ")
    assert "&& cd audit-tui" in commands[0]
    assert commands[1:] == ["make demo", "make test"]
    assert README[: README.index(BLOCKS[0])].count("\n") < 20


@pytest.mark.parametrize("line", MAKE_LINES)
def test_make_targets_exist(line: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    words = [word for word in shlex.split(line, comments=True)[1:] if "=" not in word]
    assert words
    assert set(words) <= targets


@pytest.mark.parametrize("line", TOOL_LINES)
def test_commands_and_options_exist(line: str) -> None:
    words = shlex.split(re.split(r"[|>]", line)[0], comments=True)
    words = words[words.index("audit-tui") + 1 :]
    root = root_command()
    names = [word for word in words if word in root.commands]
    command = root.commands[names[0]] if names else root
    for word in words[words.index(names[0]) + 1 :][:1] if names else ():
        command = getattr(command, "commands", {}).get(word, command)
    known = options_of(root) | options_of(command) | {"--help", "--version"}
    used = {word.split("=")[0] for word in words if word.startswith("--")}
    assert used <= known
    plain = [word for word in words if not word.startswith("-")]
    assert names or "--dsn" in words or not plain


def test_every_command_is_in_the_readme() -> None:
    shown = set(re.findall(r"`(?:audit-tui )?([a-z]+)", README))
    visible = {name for name, command in root_command().commands.items() if not command.hidden}
    assert visible <= shown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pictures_and_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    local = [target for target in targets if not target.startswith(("http:", "https:", "mailto:"))]
    assert not [target for target in local if not (page.parent / target).exists()]


def test_the_readme_shows_the_four_pictures() -> None:
    pictures = set(re.findall(r"!\[[^\]]*\]\(screenshots/([\w-]+)\.png\)", README))
    assert pictures >= {"tenants", "timeline-diff", "link-view", "reconstruction"}
