"""One side of a comparison over a database: its own check, and one snapshot in which places are looked up."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from typing import Protocol

import psycopg

from audit_tui.core.errors import AuditError, InterruptedCheckError
from audit_tui.core.findings import Report, VerifyStatus
from audit_tui.core.model import Head
from audit_tui.core.second.bisection import Look
from audit_tui.core.second.in_line import Lost, Row
from audit_tui.core.second.model import Source
from audit_tui.service.api import AuditService, Cancel, VerifyRequest, WitnessNote
from audit_tui.store.chain import Unreadable, stream_chain
from audit_tui.store.connect import Dsn, connect
from audit_tui.store.layout import Layout
from audit_tui.store.probe import probe
from audit_tui.store.second import Server, look_up, read_ends, read_server
from audit_tui.store.session import NO_TIMEOUT, reading, translated

OnStatus = Callable[[VerifyStatus], None]


class View(Protocol):
    """What a side shows while it is compared."""

    @property
    def is_partial(self) -> bool:
        """Whether it holds stretches of chains only: what it lacks at their beginnings is not missing."""
        ...

    def ends(self, tenants: tuple[str, ...]) -> Mapping[str, int]:
        """The last sequence of each of these tenants now."""
        ...

    def look(self, places: Mapping[str, int]) -> Mapping[str, Look]:
        """What stands at one sequence of each tenant; left out where nothing does."""
        ...

    def stream(self, tenant_id: str, first: int, last: int) -> Generator[Row, None, None]:
        """The rows first..last of a tenant in the order of the chain."""
        ...

    def spans(self, tenant_id: str, first: int, last: int) -> tuple[tuple[int, int], ...]:
        """The stretches of first..last that it should hold."""
        ...


class Side(Protocol):
    """A source that can be checked by itself and then looked at."""

    source: Source

    def list_tenants(self) -> tuple[str, ...]: ...
    def list_witnesses(self) -> tuple[WitnessNote, ...]: ...
    def check(self, request: VerifyRequest, on_status: OnStatus | None, cancel: Cancel | None) -> Report: ...
    def open(self) -> AbstractContextManager[View]: ...
    def close(self) -> None: ...


@contextmanager
def named(word: str) -> Iterator[None]:
    """Puts the side's name before what went wrong on it."""
    try:
        yield
    except InterruptedCheckError:
        raise
    except AuditError as error:
        raise type(error)(f"{word}: {error.title}", error.hint) from None


@dataclass(slots=True)
class DatabaseView:
    """One snapshot of a database, read inside the transaction that `DatabaseSide.open` holds."""

    word: str
    conn: psycopg.Connection
    layout: Layout
    is_partial: bool = False

    def ends(self, tenants: tuple[str, ...]) -> Mapping[str, int]:
        with named(self.word), translated(self.conn):
            return read_ends(self.conn, tenants)

    def look(self, places: Mapping[str, int]) -> Mapping[str, Look]:
        with named(self.word), translated(self.conn):
            return look_up(self.conn, places)

    def stream(self, tenant_id: str, first: int, last: int) -> Generator[Row, None, None]:
        with named(self.word), translated(self.conn):
            for row in stream_chain(self.conn, self.layout, Head(tenant_id, first, last, None)):
                yield Lost(row.sequence) if isinstance(row, Unreadable) else row

    def spans(self, tenant_id: str, first: int, last: int) -> tuple[tuple[int, int], ...]:  # noqa: ARG002 - whole chains
        return ((first, last),)


class DatabaseSide:
    """A connected log as one of two sources. `word` is what messages call it."""

    def __init__(self, service: AuditService, dsn: Dsn, word: str) -> None:
        """Asks which server it is."""
        self.service, self._dsn, self._word = service, dsn, word
        self.server = self._ask()
        seen = service.connection
        self.source = Source(
            name=seen.name,
            target=seen.target,
            log_id=seen.log_id,
            is_standby=self.server.is_standby,
            sees_all=seen.sees_all,
        )

    def name_in_full(self) -> None:
        """Calls the target by its whole DSN, without secrets: two sockets look alike otherwise."""
        self.source = replace(self.source, target=self._dsn.without_secrets)

    def list_tenants(self) -> tuple[str, ...]:
        with named(self._word):
            return tuple(each.tenant_id for each in self.service.list_tenants())

    def list_witnesses(self) -> tuple[WitnessNote, ...]:
        return self.service.list_witnesses()

    def check(self, request: VerifyRequest, on_status: OnStatus | None, cancel: Cancel | None) -> Report:
        with named(self._word):
            return self.service.verify(request, on_status, cancel)

    @contextmanager
    def open(self) -> Iterator[View]:
        """One snapshot, taken now, on a connection of its own."""
        with named(self._word):
            conn = connect(self._dsn)
        with closing(conn):
            with named(self._word):
                layout = probe(conn).layout
            with reading(conn, timeout=NO_TIMEOUT, snapshot=True):
                yield DatabaseView(self._word, conn, layout)

    def close(self) -> None:
        self.service.close()

    def _ask(self) -> Server:
        with named(self._word), closing(connect(self._dsn)) as conn, reading(conn):
            return read_server(conn)
