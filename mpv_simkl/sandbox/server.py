"""Sockets: a request is read off a connection, an answer goes back whole, in half, or not at all."""

from __future__ import annotations

import logging
import socket
import socketserver
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from mpv_simkl.sandbox.messages import Request

log = logging.getLogger(__name__)

LARGEST_BODY = 1_000_000  # bytes


class Server(ThreadingHTTPServer):
    """Listens on a free port of 127.0.0.1; `serve` gets each connection with a request waiting on it."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, serve: Callable[[Handler], None]) -> None:
        self.serve = serve
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(("127.0.0.1", 0), Handler)

    def server_bind(self) -> None:
        """Binds without asking a name server for the name of 127.0.0.1."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def opened(self, connection: socket.socket) -> None:
        """Remembers a connection, so that it ends with the sandbox."""
        with self._guard:
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        """Forgets a connection."""
        with self._guard:
            self._open.discard(connection)

    def close_connections(self) -> None:
        """Ends what is still open, kept alive by clients or held by a black hole."""
        with self._guard:
            for connection in self._open:
                _shut(connection)

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - the base's names
        """A client that goes away in the middle is daily business here; anything else is a fault of ours."""
        if isinstance(sys.exception(), OSError):
            log.debug("a connection broke off", exc_info=True)
        else:
            log.exception("a call could not be answered")


class Handler(BaseHTTPRequestHandler):
    """One connection of one client."""

    protocol_version = "HTTP/1.1"
    server: Server
    connection: socket.socket
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        self.server.closed(self.connection)
        super().finish()

    def do_GET(self) -> None:
        self.server.serve(self)

    do_POST = do_DELETE = do_PUT = do_PATCH = do_GET  # noqa: N815 - the base's names

    def read(self, at: datetime) -> Request | None:
        """The request, or None if its body is larger than any client of ours would send."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            self.close_connection = True
            return None
        parts = urlsplit(self.path)
        return Request(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            raw=self.rfile.read(int(length)),
            at=at,
        )

    def reply(self, status: int, body: bytes, headers: Mapping[str, str], *, whole: bool = True) -> None:
        """Sends one answer, at the present unless `headers` have a `Date`; not `whole`: promises it all and
        sends half.
        """
        self.log_request(status)
        self.send_response_only(status)
        for name, value in {"Date": self.date_time_string(), **headers}.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if whole else body[: len(body) // 2])
        if not whole:
            self.cut()

    def drip(self, goes_on: Callable[[], bool]) -> None:
        """Sends an answer of spaces, one for each time that it goes on, until the client has enough."""
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            while goes_on():
                self.wfile.write(b" ")

    def cut(self) -> None:
        """Closes the connection as it is."""
        self.close_connection = True
        _shut(self.connection)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        log.debug(format, *args)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        log.debug("a connection was closed already")
