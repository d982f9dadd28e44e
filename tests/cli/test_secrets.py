"""Passwords leave every text, wherever they stood."""

import pytest

from audit_tui.cli import secrets
from audit_tui.cli.secrets import redact, remember_secrets

PASSWORD = "tr0ub4dor&3"


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_known", set())


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://analyst:{PASSWORD}@db.example/app",
        f"No such command 'postgresql://analyst:{PASSWORD}@db.example/app'",
        "postgresql://analyst:tr0ub4dor&3@x/with/sl@shes@db.example/app",
        f"host=db.example password={PASSWORD} dbname=app",
        f"host=db.example password = '{PASSWORD}' dbname=app",
        f"host=db.example password='it\\'s {PASSWORD}' dbname=app",
        f"postgresql://db.example/app?user=a&password={PASSWORD}&sslmode=require",
        f"PASSWORD={PASSWORD}",
        f"sslpassword={PASSWORD}",
        f"host=x password='{PASSWORD} never closed",
    ],
)
def test_a_password_in_a_connection_string_is_hidden(text: str) -> None:
    assert PASSWORD not in redact(text)
    assert "***" in redact(text)


@pytest.mark.parametrize(
    "dsn",
    [
        f"postgresql://analyst:{PASSWORD}@db.example/app",
        "postgresql://analyst:tr0ub4dor%263@db.example/app",
        f"host=db.example password={PASSWORD}",
        f"host=db.example password='{PASSWORD}'",
    ],
)
def test_a_remembered_password_is_hidden_where_it_stands_bare(dsn: str) -> None:
    remember_secrets(dsn)
    assert redact(f'missing "=" after "{PASSWORD}" in connection info string') == (
        'missing "=" after "***" in connection info string'
    )


def test_the_password_of_the_environment_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    remember_secrets(None)
    assert redact(f"it was {PASSWORD}") == "it was ***"


def test_everything_else_stays() -> None:
    text = "no server answers at analyst@db.example:5432/app (is it running and reachable?)"
    assert redact(text) == text


def test_the_rest_of_a_connection_string_stays() -> None:
    assert (
        redact(f"postgresql://analyst:{PASSWORD}@db.example/app") == "postgresql://analyst:***@db.example/app"
    )
