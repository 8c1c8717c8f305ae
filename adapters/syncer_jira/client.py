"""The `jira` library, wrapped: one HTTP request per attempt, statuses turned into our errors, no vendor retries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import requests
from jira import JIRA
from jira.exceptions import JIRAError
from syncer_atlassian.http import guard, reads, was_sent
from syncer_atlassian.limits import reason, retry_after, served_at

from syncer.errors import (
    AdapterError,
    AuthError,
    NotFoundError,
    RejectedError,
    RetryableError,
    StaleError,
    SyncerError,
    UnknownOutcomeError,
    UnreachableError,
)
from syncer.transport import Transport

SYSTEM = "jira"
PAGE = 100
API = "{server}/rest/api/3/{path}"
AGILE = "{server}/rest/agile/1.0/{path}"

Json = Any


class JiraClient:
    """One account at one site."""

    def __init__(self, url: str, user: str, token: str, transport: Transport) -> None:
        self._transport = transport
        self._account = ""
        self.served = datetime.now(UTC)
        """The server's own time of the newest answer."""
        self._jira = JIRA(
            server=url.rstrip("/"),
            basic_auth=(user, token),
            options={"rest_api_version": "3", "check_update": False},
            get_server_info=False,
            max_retries=0,
            timeout=transport.timeout,
            logging=False,
        )
        # without server info the library takes Cloud for Data Center, and calls a search that was removed
        self._jira.deploymentType = "Cloud"
        guard(self._jira._session, lambda what, read: transport.permit(what, read=read))

    def close(self) -> None:
        """Close the session."""
        self._jira._session.close()

    def account(self) -> str:
        """Return our own account id, asked for once."""
        self._account = self._account or str(self.get("myself")["accountId"])
        return self._account

    def get(self, path: str, params: Mapping[str, Any] | None = None, *, base: str = API) -> Json:
        """Read one address."""
        return self._call("GET", path, params=params, base=base)

    def post(self, path: str, body: Json) -> Json:
        """Send one POST."""
        return self._call("POST", path, body=body)

    def put(self, path: str, body: Json, params: Mapping[str, Any] | None = None) -> Json:
        """Send one PUT."""
        return self._call("PUT", path, params=params, body=body)

    def search(self, jql: str, fields: list[str], properties: list[str], *, page: int = PAGE) -> Iterator[Json]:
        """Yield the pages of a search. A page without `nextPageToken` is the last one, however short others are."""
        token: str | None = None
        while True:
            body: dict[str, Any] = {"jql": jql, "fields": fields, "properties": properties, "maxResults": page}
            if token:
                body["nextPageToken"] = token
            answer = self.post("search/jql", body)
            yield answer
            token = answer.get("nextPageToken")
            if not token:
                return

    def paged(self, path: str, key: str, params: Mapping[str, Any] | None = None, *, base: str = API) -> list[Json]:
        """Read every page of a list that is paged by offset."""
        found: list[Json] = []
        while True:
            answer = self.get(path, {**(params or {}), "startAt": len(found), "maxResults": PAGE}, base=base)
            page = answer.get(key, answer.get("values", []))
            found += page
            total = answer.get("total")
            if not page or answer.get("isLast") is True or (total is not None and len(found) >= total):
                return found

    def _call(self, method: str, path: str, *, params: Any = None, body: Any = None, base: str = API) -> Json:
        url = self._jira._get_url(path, base)
        read = reads(method, f"/{path}")
        what = f"{method} /{path}"

        def send() -> Json:
            data = None if body is None else json.dumps(body)
            try:
                response = self._jira._session.request(method, url, params=params, data=data)
            except JIRAError as error:
                raise self._translated(error, what, read) from None
            except requests.RequestException as error:
                raise self._broken(error, what) from None
            self.served = served_at(response.headers) or self.served
            if response.status_code == 204 or not response.content:
                return None
            try:
                return response.json()
            except ValueError:
                raise UnknownOutcomeError(f"jira: {what}: the answer is not JSON", system=SYSTEM) from None

        return self._transport.exchange(what, send, read=read)

    def _broken(self, error: requests.RequestException, what: str) -> SyncerError:
        said = self._transport.redact(f"jira: {what}: {type(error).__name__}")
        if isinstance(error, requests.TooManyRedirects):
            return AdapterError(f"{said}: the address redirects", system=SYSTEM, hint="use the site's own https url")
        if was_sent(error):
            return UnknownOutcomeError(said, system=SYSTEM)
        return UnreachableError(said, system=SYSTEM)

    def _translated(self, error: JIRAError, what: str, read: bool) -> SyncerError:
        """Turn a status into what the caller does next (facts: Jira Cloud REST v3, error bodies)."""
        status = int(error.status_code or 0)
        headers: Mapping[str, str] = error.response.headers if error.response is not None else {}
        messages, fields = _reasons(error)
        said = self._transport.redact(f"jira: {what}: {status}: {'; '.join(messages) or 'no reason given'}")
        match status:
            case 401:
                return AuthError(said, hint="the API token is wrong or has expired: make a new one and set it")
            case 403 if read or "X-Seraph-LoginReason" in headers:
                return AuthError(said, hint="the account may not read this; see README.md for the least permissions")
            case 400 | 403 | 413 | 422:
                return RejectedError(said, fields=fields, system=SYSTEM)
            case 404:
                return NotFoundError(said, system=SYSTEM)
            case 409:
                return StaleError(said, system=SYSTEM)
            case 429:
                which = reason(headers)
                return RetryableError(
                    f"{said} {which}".rstrip(), after=retry_after(headers, self.served), system=SYSTEM
                )
            case 503 if read and "Retry-After" in headers:
                return RetryableError(said, after=retry_after(headers, self.served), system=SYSTEM)
            case _ if status >= 500:
                return UnknownOutcomeError(said, system=SYSTEM)
        return AdapterError(said, system=SYSTEM)


def _reasons(error: JIRAError) -> tuple[list[str], dict[str, str]]:
    try:
        body = error.response.json() if error.response is not None else {}
    except ValueError:
        body = {}
    body = body if isinstance(body, dict) else {}
    fields = {str(k): str(v) for k, v in (body.get("errors") or {}).items()}
    messages = [str(m) for m in body.get("errorMessages") or ()]
    return messages + [f"{k}: {v}" for k, v in fields.items()], fields
