"""What every sandbox shares: an HTTP server on loopback with an access log, faults, limits and a clock of its own.

A sandbox subclasses `Sandbox`, marks its handlers with `@route("GET", "/path/{name}")` and keeps its state in plain
dicts. Control, never part of a vendor's API, lives under `/_sandbox/`:

    GET    /_sandbox/log       the access log, a list of `Exchange`; DELETE empties it
    GET    /_sandbox/dump      the whole state as JSON, for judges
    POST   /_sandbox/faults    add faults (see `Fault`); DELETE removes all
    POST   /_sandbox/clock     {"advance": seconds}
    POST   /_sandbox/edit      vendor-specific edits as another user that the vendor's API has no verb for
"""

from __future__ import annotations

import json
import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as a handler sees it. `args` are the path's named parts, `query` keeps repeated keys."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    args: Mapping[str, str] = field(default_factory=dict)
    user: str = ""

    def json(self) -> Any:
        """Return the body as JSON; raises ValueError."""
        return json.loads(self.body or b"null")

    def one(self, name: str, default: str = "") -> str:
        """Return the first value of a query parameter."""
        return self.query.get(name, [default])[0]


@dataclass(slots=True)
class Response:
    """What a handler returns; `body` is sent as JSON unless it is bytes or None."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Fault:
    """A failure to come: the next `times` requests that match, after `skip` of them.

    `effect`: "before" answers instead of acting, "after" acts and then answers so; "edit" lets a person be faster: it
    does the edit in `body` (see `Sandbox.edit`), then acts and answers as if nothing had been. `kind`: an HTTP status,
    or "reset" (the connection drops), or "hang" (no answer for `seconds`).
    """

    method: str = ".*"
    path: str = ".*"
    effect: str = "before"
    kind: int | str = 500
    times: int = 1
    skip: int = 0
    seconds: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None

    def strikes(self, method: str, path: str) -> bool:
        """Count a request; say whether this fault takes it."""
        if self.times <= 0 or not re.fullmatch(self.method, method) or not re.search(self.path, path):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass(frozen=True, slots=True)
class Exchange:
    """One line of the access log."""

    at: str
    user: str
    method: str
    path: str
    query: str
    route: str
    status: int


class Clock:
    """The sandbox's time: real time, run faster by `scale`, moved by `advance`."""

    def __init__(self, *, scale: float = 1.0, start: datetime | None = None) -> None:
        self.scale = scale
        self._zero, self._start = time.monotonic(), start or datetime.now(UTC)
        self._moved = timedelta()

    def now(self) -> datetime:
        """Return the sandbox's present, UTC."""
        return self._start + self._moved + timedelta(seconds=(time.monotonic() - self._zero) * self.scale)

    def advance(self, seconds: float) -> None:
        """Jump ahead."""
        self._moved += timedelta(seconds=seconds)


Handler = Callable[[Any, Request], Response]


def route(method: str, path: str) -> Callable[[Handler], Handler]:
    """Mark a method as the handler of `METHOD path`; `{name}` matches one path segment."""

    def mark(handler: Handler) -> Handler:
        handler.__dict__.setdefault("routes", []).append((method, path))
        return handler

    return mark


class Sandbox:
    """A stand-in server for one system."""

    name: ClassVar[str] = "sandbox"
    login: ClassVar[Mapping[str, str]] = {}
    """What a connection needs besides the address, where the state is the one we ship: setting → value."""

    def __init__(self, *, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.log: list[Exchange] = []
        self.faults: list[Fault] = []
        self.lock = threading.RLock()
        self.url = ""
        self._server: ThreadingHTTPServer | None = None
        self._routes = list(self._collect())

    def authenticate(self, request: Request) -> str | Response:
        """Return the user a request acts for, or the vendor's refusal."""
        raise NotImplementedError

    def limit(self, request: Request, user: str, route_name: str) -> Response | None:
        """Return the vendor's 429 when a limit is exceeded."""
        return None

    def missing(self, request: Request) -> Response:
        """Return the vendor's answer to an unknown path or method."""
        return Response(404, {"error": f"no route {request.method} {request.path}"})

    def failed(self, status: int, request: Request) -> Any:
        """Return the vendor's error body for an injected failure."""
        return {"error": status}

    def dump(self) -> Any:
        """Return the whole state, as plain JSON."""
        raise NotImplementedError

    def edit(self, what: Any) -> Any:
        """Do an edit as another user that the vendor's API has no verb for; vendor-specific JSON."""
        raise NotImplementedError

    def start(self, port: int = 0) -> str:
        """Listen on loopback and return the base URL. Raises OSError when the port is in use."""
        sandbox = self

        class Serve(_Serve):
            owner = sandbox

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = False
            request_queue_size = 64

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Say nothing of a client that hung up; anything else is our bug, and told."""
                if not isinstance(sys.exc_info()[1], ConnectionError):
                    super().handle_error(request, client_address)

        self._server = Server(("127.0.0.1", port), Serve)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self.url

    def stop(self) -> None:
        """Close the server."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Sandbox:
        if self._server is None:
            self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def answer(self, request: Request) -> Response:
        """Answer one request: authenticate, limit, fail or act; log it."""
        if request.path.startswith("/_sandbox/"):
            return self._control(request)
        user = self.authenticate(request)
        if isinstance(user, Response):
            return self._logged(request, "", "unauthenticated", user)
        name, handler, args = self._find(request)
        request = Request(request.method, request.path, request.query, request.headers, request.body, args, user)
        with self.lock:
            limited = self.limit(request, user, name)
            fault = None if limited else next((f for f in self.faults if f.strikes(request.method, request.path)), None)
            if limited:
                response = limited
            elif fault is not None and fault.effect == "before":
                response = self._fail(fault, request)
            else:
                if fault is not None and fault.effect == "edit":
                    self.edit(fault.body)
                response = handler(self, request) if handler else self.missing(request)
                if fault is not None and fault.effect != "edit":
                    response = self._fail(fault, request)
            self._logged(request, user, name, response)
        if fault is not None and fault.effect != "edit" and fault.kind == "hang":
            time.sleep(fault.seconds)
        return response

    def _fail(self, fault: Fault, request: Request) -> Response:
        if isinstance(fault.kind, str):
            return Response(-1 if fault.kind == "reset" else 504, None)
        body = fault.body if fault.body is not None else self.failed(fault.kind, request)
        return Response(fault.kind, body, dict(fault.headers))

    def _logged(self, request: Request, user: str, name: str, response: Response) -> Response:
        query = "&".join(f"{k}={v}" for k, vs in request.query.items() for v in vs)
        at = self.clock.now().isoformat(timespec="milliseconds")
        self.log.append(Exchange(at, user, request.method, request.path, query, name, response.status))
        return response

    def _control(self, request: Request) -> Response:
        verb = (request.method, request.path.removeprefix("/_sandbox/"))
        with self.lock:
            match verb:
                case ("GET", "log"):
                    return Response(200, [asdict(line) for line in self.log])
                case ("DELETE", "log"):
                    self.log.clear()
                case ("GET", "dump"):
                    return Response(200, self.dump())
                case ("POST", "faults"):
                    given = request.json()
                    self.faults += [Fault(**f) for f in (given if isinstance(given, list) else [given])]
                case ("DELETE", "faults"):
                    self.faults.clear()
                case ("POST", "clock"):
                    self.clock.advance(float(request.json()["advance"]))
                case ("POST", "edit"):
                    return Response(200, self.edit(request.json()))
                case _:
                    return Response(404, {"error": f"no control {verb}"})
        return Response(200, {"ok": True})

    def _collect(self) -> list[tuple[str, re.Pattern[str], str, Handler]]:
        found = []
        for owner in type(self).__mro__:
            for handler in vars(owner).values():
                for method, path in getattr(handler, "routes", ()):
                    pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))
                    found.append((method, pattern, f"{method} {path}", handler))
        # Literal segments win over named ones.
        return sorted(found, key=lambda entry: entry[2].count("{"))

    def _find(self, request: Request) -> tuple[str, Handler | None, dict[str, str]]:
        for method, pattern, name, handler in self._routes:
            matched = pattern.fullmatch(request.path) if method == request.method else None
            if matched:
                return name, handler, {k: unquote(v) for k, v in matched.groupdict().items()}
        return "unknown", None, {}


class _Serve(BaseHTTPRequestHandler):
    owner: ClassVar[Sandbox]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        request = Request(
            self.command,
            parts.path,
            parse_qs(parts.query, keep_blank_values=True),
            {k.lower(): v for k, v in self.headers.items()},
            self.rfile.read(length),
        )
        response = self.owner.answer(request)
        if response.status < 0:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        try:
            self._send(response)
        except (BrokenPipeError, ConnectionResetError):
            # whoever asked has given up waiting: what a client with a time-out does, and no fault of ours
            self.close_connection = True

    def _send(self, response: Response) -> None:
        body = response.body
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self.send_response_only(response.status)
        headers = {"Content-Type": "application/json;charset=UTF-8", **response.headers}
        headers.setdefault("Date", self.owner.clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT"))
        for key, value in headers.items():
            self.send_header(key, value)
        if response.status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if response.status != 204:
            self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _handle

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the access log is kept by the sandbox."""
