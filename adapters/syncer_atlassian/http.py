"""The last gate before the network, for every session that speaks to Atlassian: nothing passes it unseen."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError as PoolConnectTimeout
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError

_READING_POSTS = re.compile(
    r"/(search/jql|search/approximate-count|jql/match|issue/bulkfetch|changelog/bulkfetch|comment/list)$"
)
"""POST requests that only read (Jira REST v3 specification)."""

Permit = Callable[[str, bool], None]


def reads(method: str, path: str) -> bool:
    """Say whether a request cannot change anything."""
    return method.upper() in ("GET", "HEAD", "OPTIONS") or (
        method.upper() == "POST" and bool(_READING_POSTS.search(path))
    )


class Guard(HTTPAdapter):
    """Asks `permit` before a byte is sent, and never sends a request twice."""

    def __init__(self, permit: Permit) -> None:
        super().__init__(max_retries=0)
        self._permit = permit

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send one request, if it is permitted. Raises ReadOnlyError."""
        method, path = request.method or "GET", urlsplit(request.url or "").path
        self._permit(f"{method} {path}", reads(method, path))
        return super().send(request, stream, timeout, verify, cert, proxies)


def guard(session: requests.Session, permit: Permit) -> None:
    """Put the guard in front of a session, for every address."""
    gate = Guard(permit)
    session.mount("https://", gate)
    session.mount("http://", gate)
    session.max_redirects = 0


def was_sent(error: BaseException) -> bool:
    """Say whether a failed request may have reached the server: when in doubt, it may."""
    if isinstance(error, (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError)):
        return False
    cause: Any = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError):
        cause = cause.reason
    return not isinstance(cause, (NewConnectionError, NameResolutionError, PoolConnectTimeout))
