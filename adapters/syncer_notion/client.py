"""The real `notion-client`, one HTTP request per attempt: its own retries are off, ours are in the transport.

Everything goes through `Client.request`, for the endpoint methods drop arguments that they do not know.
"""

from __future__ import annotations

import logging
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any
from urllib.parse import quote

import httpx
from notion_client import Client
from notion_client.errors import HTTPResponseError, RequestTimeoutError

from syncer.errors import RejectedError, UnknownOutcomeError
from syncer.transport import Transport
from syncer_notion import faults

VERSION = "2026-03-11"
ADDRESS = "https://api.notion.com"
PAGE_SIZE = 100

JSON = dict[str, Any]

_log = logging.getLogger("syncer_notion.http")
_log.addHandler(logging.NullHandler())
_log.propagate = False


class Gate(httpx.BaseTransport):
    """Asks the transport's permission before a byte is sent, whoever calls; remembers the server's clock."""

    def __init__(self, transport: Transport, inner: httpx.BaseTransport) -> None:
        self._transport, self._inner = transport, inner
        self._seen = threading.local()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. Raises ReadOnlyError."""
        self._transport.permit(f"{request.method} {request.url.path}", read=is_read(request.method, request.url.path))
        response = self._inner.handle_request(request)
        self._seen.date = response.headers.get("date", "")
        return response

    def now(self) -> datetime:
        """Return the server's time in this thread's last answer; ours where it told none."""
        try:
            return parsedate_to_datetime(getattr(self._seen, "date", "")).astimezone(UTC)
        except (TypeError, ValueError):
            return datetime.now(UTC)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


def is_read(method: str, path: str) -> bool:
    """Say whether a request changes nothing: queries and searches are posted."""
    return method == "GET" or (method == "POST" and f"/{path}".rstrip("/").endswith(("/query", "/search")))


@cache
def _certificates() -> ssl.SSLContext:
    """Return the certificates we trust, read once: that takes longer than many a request."""
    return httpx.create_ssl_context()


class NotionClient:
    """The endpoints we use, with our errors."""

    def __init__(self, token: str, transport: Transport, url: str = ADDRESS) -> None:
        self._transport = transport
        self._gate = Gate(transport, httpx.HTTPTransport(verify=_certificates()))
        self._client = Client(
            auth=token,
            notion_version=VERSION,
            base_url=url.rstrip("/"),
            timeout_ms=int(transport.timeout * 1000),
            retry=False,
            logger=_log,
            client=httpx.Client(transport=self._gate),
        )

    def now(self) -> datetime:
        """Return Notion's time in the last answer."""
        return self._gate.now()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def request(self, method: str, path: str, *, query: JSON | None = None, body: JSON | None = None) -> JSON:
        """Exchange one request. Raises the `AdapterError` family, AuthError, ReadOnlyError."""
        what, read = f"{method} /v1/{path}", is_read(method, path)

        def send() -> JSON:
            try:
                answer = self._client.request(path, method, query=query, body=body)
            except HTTPResponseError as error:
                raise faults.of_response(error, what, read=read) from None
            except (RequestTimeoutError, httpx.TransportError) as error:
                raise faults.of_network(error, what) from None
            except ValueError as error:
                raise UnknownOutcomeError(f"{what}: the answer was not JSON", system=faults.SYSTEM) from error
            return dict(answer)

        return self._transport.exchange(what, send, read=read)

    def me(self) -> JSON:
        """Return who the token belongs to."""
        return self.request("GET", "users/me")

    def users(self) -> Iterator[JSON]:
        """Yield all users."""
        return self._paged("users")

    def data_source(self, id: str) -> JSON:
        """Return a data source with its schema."""
        return self.request("GET", f"data_sources/{id}")

    def data_sources(self) -> Iterator[JSON]:
        """Yield the data sources that are shared with us, as far as the search knows them."""
        body: JSON = {"filter": {"property": "object", "value": "data_source"}, "page_size": PAGE_SIZE}
        while True:
            answer = self.request("POST", "search", body=body)
            yield from answer["results"]
            if not answer.get("next_cursor"):
                return
            body["start_cursor"] = answer["next_cursor"]

    def query(self, id: str, body: JSON) -> Iterator[JSON]:
        """Yield the answers, page by page, of one query of a data source; the caller looks at `request_status`."""
        asked = {**body, "page_size": PAGE_SIZE}
        while True:
            answer = self.request("POST", f"data_sources/{id}/query", body=asked)
            yield answer
            if not answer.get("has_more") or not answer.get("next_cursor"):
                return
            asked["start_cursor"] = answer["next_cursor"]

    def page(self, id: str) -> JSON:
        """Return a page."""
        return self.request("GET", f"pages/{id}")

    def property(self, page: str, wire_id: str) -> Iterator[JSON]:
        """Yield the items of a list property, beyond what a page shows."""
        # A property id comes percent-encoded already; encoding it twice would name another property.
        id = wire_id if "%" in wire_id else quote(wire_id, safe="")
        return self._paged(f"pages/{page}/properties/{id}")

    def create_page(self, data_source: str, properties: JSON, children: list[JSON]) -> JSON:
        """Create a row."""
        body: JSON = {"parent": {"type": "data_source_id", "data_source_id": data_source}, "properties": properties}
        return self.request("POST", "pages", body={**body, "children": children} if children else body)

    def update_page(self, id: str, body: JSON) -> JSON:
        """Change a page's properties or its trash flag."""
        return self.request("PATCH", f"pages/{id}", body=body)

    def children(self, id: str) -> Iterator[JSON]:
        """Yield one level of blocks."""
        return self._paged(f"blocks/{id}/children")

    def append(self, id: str, children: list[JSON], position: JSON | None) -> list[JSON]:
        """Add blocks below a page or block; return them, first level only."""
        body: JSON = {"children": children, **({"position": position} if position else {})}
        return list(self.request("PATCH", f"blocks/{id}/children", body=body)["results"])

    def update_block(self, id: str, body: JSON) -> JSON:
        """Change a block's payload."""
        return self.request("PATCH", f"blocks/{id}", body=body)

    def delete_block(self, id: str) -> None:
        """Put a block into the trash. One that is there already is no error."""
        try:
            self.request("DELETE", f"blocks/{id}")
        except RejectedError as error:
            if "archived" not in error.message:
                raise

    def _paged(self, path: str) -> Iterator[JSON]:
        query: JSON = {"page_size": PAGE_SIZE}
        while True:
            answer = self.request("GET", path, query=query)
            yield from answer["results"]
            if not answer.get("has_more") or not answer.get("next_cursor"):
                return
            query["start_cursor"] = answer["next_cursor"]
