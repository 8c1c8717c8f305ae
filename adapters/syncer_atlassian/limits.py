"""Reads Atlassian's rate-limit headers (developer.atlassian.com, rate limiting, 2026-08-12). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return the seconds a refusal asks us to wait, or None where it does not say."""
    present = now or datetime.now(UTC)
    if asked := headers.get("Retry-After", "").strip():
        try:
            return max(0.0, float(asked))
        except ValueError:
            return _until(_http_date(asked), present)
    return _until(_iso(headers.get("X-RateLimit-Reset", "")), present)


def reason(headers: Mapping[str, str]) -> str:
    """Return which of the limits was hit, in the vendor's word ("jira-burst-based"), or ""."""
    return headers.get("RateLimit-Reason", "")


def served_at(headers: Mapping[str, str]) -> datetime | None:
    """Return the server's own time of an answer."""
    return _http_date(headers.get("Date", ""))


def _until(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def _http_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _iso(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
