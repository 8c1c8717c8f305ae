"""What went wrong at Notion, as our errors. Decides nothing about retries: the transport does."""

from __future__ import annotations

import json
from typing import Any

import httpx
from notion_client.errors import HTTPResponseError, RequestTimeoutError

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

SYSTEM = "notion"


def of_response(error: HTTPResponseError, what: str, *, read: bool) -> SyncerError:
    """Return our error for an HTTP answer (Notion request limits and status codes, 2026)."""
    body = _json(error.body)
    said = f"{what}: {body.get('message') or error}"
    status = error.status
    if status == 401:
        return AuthError(f"Notion refused the token ({said})", hint="copy the connection's token again, or share anew")
    if status == 403:
        return _forbidden(said, body, read=read)
    if status == 404:
        return NotFoundError(said, system=SYSTEM, hint="share the page or data source with the connection")
    if status == 409:
        return StaleError(said, system=SYSTEM)
    if status in (429, 529):
        return _limited(said, body, error.headers.get("retry-after"))
    if status >= 500:
        return _broken(said, body)
    return RejectedError(said, system=SYSTEM)


def of_network(error: Exception, what: str) -> AdapterError:
    """Return our error for an exchange without an answer: only a refused connection proves that nothing happened."""
    cause = error.__context__ if isinstance(error, RequestTimeoutError) else error
    if isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return UnreachableError(f"{what}: Notion could not be reached ({type(cause).__name__})", system=SYSTEM)
    return UnknownOutcomeError(f"{what}: no answer from Notion ({type(cause or error).__name__})", system=SYSTEM)


def _json(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _forbidden(said: str, body: dict[str, Any], *, read: bool) -> SyncerError:
    if not read:
        # One page may be locked, or a plan's block limit reached: others can still be written.
        return RejectedError(
            said, system=SYSTEM, hint="give the connection the capability to update and insert content"
        )
    return AuthError(f"Notion does not let this connection do that ({said})", hint="give it the capability to read")


def _limited(said: str, body: dict[str, Any], after: str | None) -> AdapterError:
    data = body.get("additional_data") or {}
    if data.get("rate_limit_reason") == "public_api_request_blocked":
        return AdapterError(f"Notion has blocked this connection's requests ({said})", system=SYSTEM)
    asked = after or str(data.get("retry_after", ""))
    return RetryableError(said, after=float(asked) if asked.isdigit() else None, system=SYSTEM)


def _broken(said: str, body: dict[str, Any]) -> AdapterError:
    # "A write can save its change and still return 503" (Notion request limits, 2026).
    committed = (body.get("additional_data") or {}).get("committed_resource_id")
    return UnknownOutcomeError(said, committed=committed, system=SYSTEM)
