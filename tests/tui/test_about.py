"""What was probed at connect is shown: target, schema, rights with their reasons, remarks."""

from audit_tui.core.model import SchemaKind
from audit_tui.service.api import Capability, Connection
from audit_tui.tui.present.about import about_lines, note_line
from audit_tui.tui.present.spans import plain, text_of
from tests.tui.pilot import running, shows, target
from tests.tui.stories import clean_service

RIGHTS = (
    Capability("read", allowed=True),
    Capability("verify in SQL", allowed=False, reason="needs EXECUTE on audit.verify_chain"),
)


def _connection(encrypted: bool | None = False, notes: tuple[str, ...] = ()) -> Connection:
    return Connection(
        "prod", "a@h:5432/d", "a", "d", "16.4", encrypted, SchemaKind.GUIDE, None, RIGHTS, notes
    )


def test_a_right_that_is_missing_names_its_reason() -> None:
    text = text_of(about_lines(_connection(), 100))
    assert "✓ read" in text
    assert "– verify in SQL  needs EXECUTE on audit.verify_chain" in text
    assert "none: everything travels readable" in text
    assert "built by hand from the guide" in text


def test_a_local_socket_and_tls_are_told_apart() -> None:
    assert "local socket" in text_of(about_lines(_connection(None), 100))
    assert "TLS" in text_of(about_lines(_connection(encrypted=True), 100))


def test_remarks_about_the_schema_stand_in_one_line() -> None:
    notes = ("columns that are not known: colour, size", "a second remark")
    assert "columns that are not known: colour, size" in plain(note_line(_connection(notes=notes)))
    assert "and 1 more: i" in plain(note_line(_connection(notes=notes)))
    assert note_line(_connection()) == ()
    assert note_line(None) == ()


async def test_i_shows_the_connection_and_esc_comes_back() -> None:
    async with running(target(clean_service())) as (_app, pilot):
        await shows(pilot, "All 2 tenants are intact.")
        await pilot.press("i")
        await shows(pilot, "analyst@db.example:5432/quiet")
        await pilot.press("escape")
        await shows(pilot, "All 2 tenants are intact.")
