"""What every endpoint of the stand-in Jira shares: who calls, how often, what they may see, how errors look."""

from __future__ import annotations

import base64
import binascii
from collections import deque
from datetime import timedelta
from typing import Any, ClassVar

from syncer.testing.server import Clock, Request, Response, Sandbox
from syncer_jira.sandbox import shapes
from syncer_jira.sandbox.state import Issue, State

API = "/rest/api/3"
AGILE = "/rest/agile/1.0"
BURST = {"GET": 100.0, "POST": 100.0, "PUT": 50.0, "DELETE": 50.0}
"""Requests a second, by tenant, endpoint and method (Atlassian rate limiting, 2026-08-12)."""
PER_ISSUE = ((20, 2.0), (100, 30.0))
HIDDEN = "Issue does not exist or you do not have permission to see it."


def error(status: int, *messages: str, **fields: str) -> Response:
    """Return Jira's error body."""
    return Response(status, {"errorMessages": list(messages), "errors": fields})


def page_of(request: Request, entries: list[Any], key: str = "values") -> Response:
    """Return a page of a list that is paged by offset."""
    start, size = int(request.one("startAt", "0")), int(request.one("maxResults", "50"))
    page = entries[start : start + size]
    answer = {"startAt": start, "maxResults": size, "total": len(entries), "isLast": start + size >= len(entries)}
    return Response(200, {**answer, key: page})


class Site(Sandbox):
    """A site without endpoints."""

    name: ClassVar[str] = "jira"

    def __init__(
        self, seed: dict[str, Any] | None = None, *, clock: Clock | None = None, rate: float = 1.0, lag: float = 2.0
    ) -> None:
        super().__init__(clock=clock)
        self.state = State(seed, self.clock, lag)
        self.rate = rate
        self._buckets: dict[str, tuple[float, float]] = {}
        self._writes: dict[str, deque[float]] = {}

    def authenticate(self, request: Request) -> str | Response:
        """See Sandbox: Basic e-mail:token."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        try:
            email, _, token = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            email = token = ""
        for user in self.state.data["users"]:
            if scheme.lower() == "basic" and token and (user["email"], user.get("token")) == (email, token):
                return str(user["accountId"])
        return error(401, "Client must be authenticated to access this resource.")

    def limit(self, request: Request, user: str, route_name: str) -> Response | None:
        """See Sandbox: a bucket for each endpoint and method, and the limits on writing one issue."""
        if not self.rate:
            return None
        now = self.clock.now().timestamp()
        rate = BURST.get(request.method, 100.0) * self.rate
        tokens, at = self._buckets.get(route_name, (rate, now))
        tokens = min(rate, tokens + (now - at) * rate)
        self._buckets[route_name] = (tokens - 1 if tokens >= 1 else tokens, now)
        if tokens < 1:
            return self._too_many("jira-burst-based", rate, 1)
        if request.method in ("PUT", "POST", "DELETE") and "{issue}" in route_name:
            return self._limit_issue(request.path.split("/")[5], now)
        return None

    def _limit_issue(self, word: str, now: float) -> Response | None:
        found = self.state.find(word)
        times = self._writes.setdefault(found["id"] if found else word, deque(maxlen=100))
        for count, span in PER_ISSUE:
            recent = [at for at in times if at > now - span]
            if len(recent) >= count * self.rate:
                return self._too_many("jira-per-issue-on-write", count, max(1, round(recent[0] + span - now)))
        times.append(now)
        return None

    def _too_many(self, reason: str, rate: float, seconds: int) -> Response:
        reset = (self.clock.now() + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
        refused = error(429, "Rate limit exceeded.")
        refused.headers = {
            "Retry-After": str(seconds),
            "RateLimit-Reason": reason,
            "X-RateLimit-Limit": f"{rate:g}",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": reset,
        }
        return refused

    def missing(self, request: Request) -> Response:
        """See Sandbox."""
        if request.path.startswith("/rest/api/3/search"):
            return error(410, "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.")
        return Response(404, {"message": "null for uri: " + request.path, "status-code": 404})

    def failed(self, status: int, request: Request) -> Any:
        """See Sandbox."""
        return {"errorMessages": [f"Injected failure {status}."], "errors": {}}

    def visible(self, word: Any, user: str) -> Issue | None:
        """Return an issue by id or by any key it has had, if this user may see it."""
        found = self.state.find(str(word))
        hidden = (self.state.user(user) or {}).get("hidden_projects", ())
        return None if found is None or found["project"] in hidden else found

    def zone(self, user: str) -> str:
        """Return the time zone of a user's profile: answers show times in it."""
        return str((self.state.user(user) or {}).get("zone", "Etc/UTC"))

    def show(self, found: Issue, zone: str, fields: list[str] | None, properties: list[str]) -> dict[str, Any]:
        """Return an issue's JSON: these fields, or all."""
        return shapes.issue(self.state, found, zone, self.url, fields, properties)
