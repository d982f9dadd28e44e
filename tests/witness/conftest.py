"""A log of a few events, keys, and places for what leaves it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.cli.program import Ran, call
from tests.service.conftest import log_events

Conn = psycopg.Connection[Any]
TENANT = "org_a"


@dataclass(frozen=True)
class Key:
    """A key pair as files; `label` is what a list of signers shows."""

    private: Path
    public: Path
    label: str


def make_key(folder: Path, name: str) -> Key:
    private, public = folder / f"{name}.key", folder / f"{name}.pub"
    ran = call(None, "witness", "keygen", f"audit.example.com/{name}", "--output", str(private))
    assert ran.code == 0, ran.err
    public.write_text(ran.out)
    return Key(private, public, "+".join(ran.out.split("+", 2)[:2]))


@pytest.fixture
def alice(tmp_path: Path) -> Key:
    return make_key(tmp_path, "alice")


@pytest.fixture
def bob(tmp_path: Path) -> Key:
    return make_key(tmp_path, "bob")


@pytest.fixture
def log(audit_db: str) -> str:
    """Two tenants, 20 and 10 events, checked once."""
    log_events(audit_db, TENANT, 20)
    log_events(audit_db, "org_b", 10)
    assert call(audit_db, "verify", "--quiet").code == 0
    return audit_db


def attack(dsn: str, *actions: Callable[[Conn], object]) -> None:
    with psycopg.connect(dsn) as conn:
        for action in actions:
            action(conn)


def export(dsn: str, to: Path, *more: str, tenant: str = TENANT) -> Path:
    ran = call(dsn, "witness", "export", "--tenant", tenant, "--output", str(to), *more)
    assert ran.code == 0, ran.out + ran.err
    return to


def done(ran: Ran, code: int = 0) -> Ran:
    assert ran.code == code, ran.out + ran.err
    assert "Traceback" not in ran.err
    return ran


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """From here on the commands are run by somebody else, on a machine that remembers nothing yet."""

    def move(name: str) -> None:
        monkeypatch.setenv("AUDIT_TUI_STATE_DIR", str(tmp_path / f"state of {name}"))

    return move
