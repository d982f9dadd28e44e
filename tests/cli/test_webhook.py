"""`verify --webhook`: a real server is told, or says no in every way; the verdict never changes."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest

from audit_tui.cli import webhook
from audit_tui.core.errors import AuditError, UsageError
from audit_tui.embedded import tamper
from tests.cli.program import call, run

SECRET = "T0KEN-hush"


class Desk:
    """Somebody who is told: what arrived, and the codes to answer with (then 200)."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.answers: list[int] = []
        desk = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                desk.heard.append(json.loads(body))
                desk.headers.append(dict(self.headers.items()))
                desk.paths.append(self.path)
                code = desk.answers.pop(0) if desk.answers else 200
                self.send_response(code)
                if 300 <= code < 400:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()

            def do_GET(self) -> None:
                desk.paths.append("GET " + self.path)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook/{SECRET}?key={SECRET}"


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(webhook, "PAUSES", (0.0, 0.0, 0.0))
    found = Desk()
    thread = threading.Thread(target=found.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()
    thread.join()


def break_acme(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        tamper.edit_field(connection, "org_acme", 12, "actor_id", "usr_intruder")


def test_tampering_is_posted_as_one_document(log: str, desk: Desk) -> None:
    break_acme(log)
    ran = call(log, "verify", "--quiet", "--webhook", desk.url)
    assert (ran.code, ran.out, ran.err) == (1, "", "")
    (told,) = desk.heard
    assert told["format"] == "audit-tui/webhook/1"
    assert (told["verdict"], told["exit_code"]) == ("tampered", 1)
    assert told["text"] == "audit-tui verify: 1 of 2 tenants is tampered with."
    assert told["tenant_counts"] == {"intact": 1, "tampered": 1, "inconclusive": 0}
    (tenant,) = told["tenants"]
    assert (tenant["tenant_id"], tenant["finding_counts"]) == ("org_acme", {"content_mismatch": 1})
    assert tenant["proven_through"] == 11
    assert desk.headers[0]["Content-Type"] == "application/json"
    assert desk.paths == [f"/hook/{SECRET}?key={SECRET}"]


@pytest.mark.parametrize(
    ("when", "intact", "broken"), [("tampered", 0, 1), ("problem", 0, 1), ("always", 1, 1)]
)
def test_when_somebody_is_told(log: str, desk: Desk, when: str, intact: int, broken: int) -> None:
    command = ("verify", "-q", "--webhook", desk.url, "--webhook-on", when)
    assert call(log, *command).code == 0
    assert len(desk.heard) == intact
    break_acme(log)
    assert call(log, *command).code == 1
    assert len(desk.heard) == intact + broken


def test_three_more_tries_are_made(log: str, desk: Desk) -> None:
    desk.answers = [500, 503, 429]
    ran = call(log, "verify", "-q", "--webhook", desk.url, "--webhook-on", "always")
    assert (ran.code, ran.err) == (0, "")
    assert len(desk.heard) == 4


@pytest.mark.parametrize(("code", "tries"), [(500, 4), (404, 1), (401, 1)])
def test_a_failure_is_said_and_changes_no_code(log: str, desk: Desk, code: int, tries: int) -> None:
    desk.answers = [code] * 10
    for expected in (0, 1):
        desk.heard.clear()
        ran = call(log, "verify", "--webhook", desk.url, "--webhook-on", "always")
        assert ran.code == expected
        assert "tenant" in ran.out, "the verdict is printed all the same"
        assert f"it answered {code}" in ran.complaint
        assert SECRET not in ran.err
        assert len(desk.heard) == tries
        break_acme(log)


def test_a_redirect_is_not_followed(log: str, desk: Desk) -> None:
    desk.answers = [302]
    ran = call(log, "verify", "-q", "--webhook", desk.url, "--webhook-on", "always")
    assert ran.code == 0
    assert "it answered 302" in ran.complaint
    assert desk.paths == [f"/hook/{SECRET}?key={SECRET}"]


def test_user_and_password_go_into_a_header_and_nowhere_else(log: str, desk: Desk) -> None:
    url = desk.url.replace("http://", f"http://ops:{SECRET}@")
    assert call(log, "verify", "-q", "--webhook", url, "--webhook-on", "always").code == 0
    assert desk.headers[0]["Authorization"].startswith("Basic b3BzOlQwS0VOLWh1c2g")
    desk.answers = [500] * 4
    assert SECRET not in call(log, "verify", "-q", "--webhook", url, "--webhook-on", "always").err


def test_nobody_there(log: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "PAUSES", (0.0, 0.0, 0.0))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: refused
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/{SECRET}"
        ran = call(log, "verify", "-q", "--webhook", url, "--webhook-on", "always")
    assert ran.code == 0
    assert "connection refused" in ran.complaint
    assert SECRET not in ran.err


def _listen(serve: Callable[[socket.socket], None]) -> tuple[str, threading.Thread, socket.socket]:
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=serve, args=(listening,), daemon=True)
    thread.start()
    return f"http://127.0.0.1:{listening.getsockname()[1]}/", thread, listening


@pytest.mark.parametrize(
    ("answer", "said"), [(None, "no answer within 0.2 seconds"), (b"SSH-2.0\r\n", "is no HTTP")]
)
def test_an_answer_that_never_comes_or_is_none(
    monkeypatch: pytest.MonkeyPatch, answer: bytes | None, said: str
) -> None:
    monkeypatch.setattr(webhook, "PAUSES", ())
    monkeypatch.setattr(webhook, "TIMEOUT", 0.2)
    done = threading.Event()

    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            if answer is not None:
                connection.recv(65_536)
                connection.sendall(answer)
                return
            done.wait(30)

    url, thread, listening = _listen(serve)
    with pytest.raises(AuditError, match=said):
        webhook.post(webhook.parse_webhook(url), {"text": "x"})
    done.set()
    thread.join()
    listening.close()


def test_an_untrusted_certificate_is_refused_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    certificate = _certificate(tmp_path)
    desk = Desk()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    desk.server.socket = context.wrap_socket(desk.server.socket, server_side=True)
    desk.server.handle_error = lambda *_: None  # type: ignore[method-assign] # the client hangs up: expected
    thread = threading.Thread(target=desk.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    hook = webhook.parse_webhook(desk.url.replace("http://127.0.0.1", "https://localhost"))
    try:
        with pytest.raises(AuditError, match="its certificate is not trusted"):
            webhook.post(hook, {"text": "x"})
        assert desk.heard == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        webhook.post(hook, {"text": "x"})
        assert [told["text"] for told in desk.heard] == ["x"]
    finally:
        desk.server.shutdown()
        desk.server.server_close()
        thread.join()


def _certificate(folder: Path) -> Path:
    """A key and a certificate for `localhost` that nobody vouches for, made by the openssl program."""
    import shutil
    import subprocess

    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl program")
    file = folder / "both.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", str(folder / "key.pem"), "-out", str(file)],
        check=True, capture_output=True,
    )  # fmt: skip
    file.write_text(file.read_text() + (folder / "key.pem").read_text())
    return file


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://host/x", "host/path", "https://", "http://[::1/x", "http://h:99999/",
        "http://ho st/", "http://host/\nX: y", f"https:///{SECRET}", "javascript:alert(1)", "http://höst/",
    ],
)  # fmt: skip
def test_anything_but_http_is_refused_before_a_connection(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        webhook.parse_webhook(url)
    assert SECRET not in str(caught.value)
    ran = run("verify", "--webhook", url, "--dsn", "host=/nonexistent dbname=app user=u")
    assert ran.code == 2
    assert "--webhook" in ran.complaint


def test_a_check_that_could_not_begin_is_told_too(desk: Desk) -> None:
    ran = call(
        "host=/nonexistent dbname=app user=u password=hush-hush", "verify", "-q", "--webhook", desk.url
    )
    assert ran.code == 4
    (told,) = desk.heard
    assert (told["verdict"], told["exit_code"]) == (None, 4)
    assert "no server answers" in told["problem"]
    assert "hush-hush" not in json.dumps(told)


def test_the_environment_may_name_it(log: str, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIT_TUI_WEBHOOK", desk.url)
    break_acme(log)
    assert call(log, "verify", "-q").code == 1
    assert len(desk.heard) == 1
