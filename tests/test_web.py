"""How we speak HTTP: what an answer may be, of whatever length and with whatever headers."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import threading
import tracemalloc
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from mpv_simkl import web
from mpv_simkl.errors import NoAnswer, TryLater
from mpv_simkl.model import Action
from mpv_simkl.sandbox import Fault, Sandbox

from .makers import EPISODE, connect

MEGABYTE = 1_000_000
HOUR = timedelta(hours=1)


@contextmanager
def a_server(head: bytes, body: Iterable[bytes]) -> Iterator[str]:
    """A server that answers one call with that, and goes on until it is cut off."""

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65_536)
            try:
                connection.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
                for piece in body:
                    connection.sendall(piece)
            except OSError:
                cut.set()

    cut = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread.join()


def packed(megabytes: int) -> bytes:
    """So many megabytes of nothing, as a server packs them."""
    packing = zlib.compressobj(wbits=31)
    return b"".join(packing.compress(bytes(MEGABYTE)) for _ in range(megabytes)) + packing.flush()


@pytest.mark.parametrize("is_packed", [False, True])
def test_an_answer_without_end_does_not_fill_the_memory(is_packed: bool) -> None:
    """However much comes, or swells when it is unpacked: no more is read than Simkl ever says."""
    head, body = b"", [bytes(MEGABYTE)] * 100
    if is_packed:
        body = [packed(100)]
        head = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n" % len(body[0])
    tracemalloc.start()
    with a_server(head, body) as url, web.session("app") as http:
        assert web.parsed(web.ask(http, "GET", url)) is None
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 50 * MEGABYTE


def test_a_piece_of_negative_length_breaks_nothing() -> None:
    """An answer in pieces of which one has less than no length is no answer."""
    head = b"Transfer-Encoding: chunked\r\n"
    with a_server(head, [b"-2\r\n{}"]) as url, pytest.raises(NoAnswer, match="broke off"):
        web.ask(web.session("app"), "GET", url)


def test_certificates_that_are_gone_are_no_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the file of certificates has gone away, as in an update, one sentence names it, and all waits."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/all.pem")
    with pytest.raises(NoAnswer, match=r"^GET /x: no connection: .*certificate.*/nowhere/all\.pem"):
        web.ask(web.session("app"), "GET", "https://simkl.invalid/x")


def test_an_answer_that_cannot_be_read_was_heard(hasty: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where this machine has no room for an answer that has come, Simkl may have acted on the call."""

    def full(*_: object) -> socket.socket:
        raise OSError(errno.EMFILE, "too many open files")

    monkeypatch.setattr(socket, "fromfd", full)
    with pytest.raises(NoAnswer) as told:
        web.ask(web.session(hasty.client_id), "GET", f"{hasty.url}/tv/1")
    assert not told.value.unheard


def test_an_older_requests_keeps_its_guesser_of_encodings(tmp_path: Path) -> None:
    """Before 2.32 requests did not start without one, and mpv-simkl has to start with that too."""
    (tmp_path / "requests.py").write_text("import chardet\n", encoding="utf-8")
    (tmp_path / "chardet.py").write_text("", encoding="utf-8")
    found = {**os.environ, "PYTHONPATH": str(tmp_path)}
    subprocess.run([sys.executable, "-c", "import mpv_simkl.lean"], env=found, check=True)


# What time it is at Simkl


def clock_by(sandbox: Sandbox, **headers: str) -> timedelta | None:
    """How far this machine's clock is ahead, by an answer with these headers."""
    sandbox.fail(Fault("dated", body=b"{}", headers=headers))
    with web.session(sandbox.client_id) as http:
        return web.ahead(web.ask(http, "GET", f"{sandbox.url}/tv/1"))


def an_hour_ago() -> str:
    """As a header tells it."""
    return format_datetime(datetime.now(UTC) - HOUR, usegmt=True)


@pytest.mark.parametrize(
    "told",
    [
        "",
        "soon",
        "Thu, 26 Nov 99999999999 10:00:00 GMT",
        "Thu, 99999999999999999999 Nov 2026 10:00:00 GMT",
        "Thu, 26 Nov 2026 10:00:00 +99999999999999",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Thu, 26 Nov 2026 10:00:00 -0000",
    ],
)
def test_a_time_that_cannot_be_is_none(hasty: Sandbox, told: str) -> None:
    """By a clock at Simkl that tells nonsense no time of viewing is mended, and nothing breaks."""
    assert clock_by(hasty, Date=told) is None


def test_a_spent_quota_with_a_nonsensical_date_waits_all_the_same(hasty: Sandbox) -> None:
    """When the quota is new is reckoned by this machine's clock if Simkl's makes no sense."""
    headers = {"Date": "Fri, 31 Dec 9999 23:59:59 GMT"}
    hasty.fail(Fault("quota", status=429, headers=headers, body=b'{"error": "user_limit_exceeded"}'))
    with pytest.raises(TryLater) as caught:
        connect(hasty).scrobble(Action.STOP, EPISODE, 100.0)
    assert 0 < caught.value.after <= 86_400


def test_a_clock_is_compared_with_simkls(hasty: Sandbox) -> None:
    """An answer that was made just now tells how wrong this machine's clock is."""
    ahead = clock_by(hasty, Date=an_hour_ago())
    assert ahead is not None
    assert abs(ahead - HOUR) < timedelta(seconds=5)


@pytest.mark.parametrize(("age", "ahead"), [("3700", 0), ("1800", 30), ("9" * 99, 60), ("old", 60)])
def test_an_answer_that_lay_in_a_cache_is_no_clock(hasty: Sandbox, age: str, ahead: int) -> None:
    """What was kept for everybody may say when it was made; only what is beyond its age is a wrong clock."""
    found = clock_by(hasty, Date=an_hour_ago(), Age=age)
    assert found is not None
    assert abs(found - timedelta(minutes=ahead)) < timedelta(seconds=5)


def test_a_list_for_everybody_does_not_set_the_clock(hasty: Sandbox) -> None:
    """Episode lists lie in caches, which need not even say so: times of viewing stay as they are."""
    hasty.fail(Fault("cached", body=b"[]", headers={"Date": an_hour_ago()}), path="/tv/")
    simkl = connect(hasty)
    simkl.episodes("show", "9200004")
    assert simkl.ahead is None
    simkl.account()
    assert simkl.ahead is not None


@pytest.mark.parametrize("host", ["ex..ample", "x" * 64 + ".example"])
def test_an_address_that_no_host_can_have_is_no_connection(host: str) -> None:
    """Whoever mistypes MPV_SIMKL_API_URL reads one sentence that names the host."""
    with web.session("app") as http, pytest.raises(NoAnswer, match="no connection: .*" + host) as told:
        web.ask(http, "GET", f"https://{host}/tv/1")
    assert told.value.unheard
