"""The story, loaded once per test process into databases that no other test touches."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from audit_tui.bootstrap import open_service
from audit_tui.core.findings import Report
from audit_tui.embedded.demo import load_guide_story, load_story, take_witness
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.embedded.story.tampering import tamper_with, tamper_with_guide
from audit_tui.service.api import AuditService, Target, VerifyRequest


@dataclass(frozen=True)
class Loaded:
    """A database of the story, as it was before the intruder (report) and as it is now (service)."""

    dsn: str
    target: Target
    before: Report
    service: AuditService


@pytest.fixture(scope="session")
def incident(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    dsn = server.create_database(name="story_incident")
    load_story(dsn)
    yield from _tampered(dsn, "incident", tmp_path_factory.mktemp("witnesses"))


@pytest.fixture(scope="session")
def legacy(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    dsn = server.create_database(name="story_legacy")
    load_guide_story(dsn)
    yield from _tampered(dsn, "legacy", tmp_path_factory.mktemp("witnesses"))


@pytest.fixture(scope="session")
def incident_report(incident: Loaded) -> Report:
    return incident.service.verify(VerifyRequest(record_witness=False))


@pytest.fixture(scope="session")
def legacy_report(legacy: Loaded) -> Report:
    return legacy.service.verify(VerifyRequest(record_witness=False))


def _tampered(dsn: str, name: str, state_dir: Path) -> Iterator[Loaded]:
    before = take_witness(open_service, dsn, name, state_dir)
    with psycopg.connect(dsn, autocommit=True) as conn:
        (tamper_with if name == "incident" else tamper_with_guide)(conn)
    target = Target(name, lambda: open_service(dsn, name=name, state_dir=state_dir))
    service = target.open()
    yield Loaded(dsn, target, before, service)
    service.close()
