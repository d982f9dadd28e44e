"""The statements of docs/logging.md run as they stand."""

import re
from pathlib import Path

from tests.schema.conftest import Connection
from tests.schema.events import chain, value

TEXT = (Path(__file__).parents[2] / "docs" / "logging.md").read_text("utf-8")


def test_the_examples_log_and_import_as_they_say(db: Connection) -> None:
    log, history = re.findall(r"```sql\n(.*?)```", TEXT, re.DOTALL)
    for statement in history.split(";\n"):
        db.execute(statement)
    db.execute("RESET ROLE")
    assert re.fullmatch("evt_[0-9a-f]{32}", str(value(db, log)))
    assert chain(db, "org_acme") == (3, True)
