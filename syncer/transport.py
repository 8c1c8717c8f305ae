"""One exchange at a time: retry, rate limit, read-only switch and redaction, once for all adapters.

A client wraps each single HTTP attempt in `Transport.exchange`; the vendor's library must have its own retries off.
Which failures are safe to repeat is decided here and nowhere else:

    outcome                                   a read        a write
    429 / 529 (RetryableError, not executed)  wait, repeat  wait, repeat
    could not connect (UnreachableError)      wait, repeat  wait, repeat
    500, 502-504, time-out (UnknownOutcome)   wait, repeat  never: the engine looks first
    anything else                             raised        raised

"""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

import tenacity

from syncer.errors import ReadOnlyError, RetryableError, UnknownOutcomeError, UnreachableError

T = TypeVar("T")

MAX_ATTEMPTS = 6
MAX_WAIT = 3700.0
"""Seconds. An hourly quota may ask for almost an hour (Atlassian rate limiting, 2026-08-12)."""


class Bucket:
    """A token bucket that a vendor's Retry-After can close for a while. Safe between threads."""

    def __init__(
        self,
        rate: float,
        burst: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`rate` in requests a second; 0 means no limit. `burst` requests may go at once."""
        self.rate, self.burst = rate, max(1.0, burst)
        self._clock, self._sleep = clock, sleep
        self._tokens, self._at = self.burst, clock()
        self._closed_until = 0.0
        self._lock = threading.Lock()

    def take(self) -> float:
        """Wait for a token; return the seconds waited."""
        waited = 0.0
        while (pause := self._try()) > 0:
            self._sleep(pause)
            waited += pause
        return waited

    def close(self, seconds: float) -> None:
        """Let nothing through for that long."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._clock() + seconds)

    def _try(self) -> float:
        with self._lock:
            now = self._clock()
            if now < self._closed_until:
                return self._closed_until - now
            if self.rate <= 0:
                return 0.0
            self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
            self._at = now
            if self._tokens >= 1:
                self._tokens -= 1
                return 0.0
            return (1 - self._tokens) / self.rate


class Redactor:
    """Replaces secrets in any text that may be shown or stored."""

    MASK = "[secret]"

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = sorted({s for s in secrets if len(s) >= 4}, key=len, reverse=True)
        self._headers = re.compile(r"(?i)\b(basic|bearer)\s+[A-Za-z0-9+/._=-]{6,}")

    def __call__(self, text: str) -> str:
        """Return `text` without secrets and without authorization values."""
        for secret in self._secrets:
            text = text.replace(secret, self.MASK)
        return self._headers.sub(lambda m: f"{m.group(1)} {self.MASK}", text)


class Transport:
    """What every exchange of one connection passes through."""

    def __init__(
        self,
        *,
        name: str = "",
        write: bool = False,
        bucket: Bucket | None = None,
        redact: Redactor | None = None,
        timeout: float = 60.0,
        attempts: int = MAX_ATTEMPTS,
        sleep: Callable[[float], None] = time.sleep,
        allowed: Callable[[], None] | None = None,
    ) -> None:
        """`allowed` is asked before each write and may raise (the engine's lease)."""
        self.name = name
        self.write = write
        self.bucket = bucket or Bucket(0, 1)
        self.redact = redact or Redactor()
        self.timeout = timeout
        self.allowed = allowed
        self.exchanges = 0
        self._attempts, self._sleep = attempts, sleep

    def permit(self, what: str, *, read: bool) -> None:
        """Raise ReadOnlyError for a write where `access` is read. Call it before a byte is sent."""
        if read:
            return
        if not self.write:
            raise ReadOnlyError(
                f"connection {self.name!r} is read-only: {what} was not sent",
                hint=f"set `access: write` under connections.{self.name} once the plan looks right",
            )
        if self.allowed is not None:
            self.allowed()

    def exchange(self, what: str, send: Callable[[], T], *, read: bool) -> T:
        """Run `send`, one attempt a call, under the table above. `what` names it in errors ("GET /issue/…").

        Raises ReadOnlyError before sending, UnreachableError when patience ends, else what `send` raised.
        """
        self.permit(what, read=read)

        def attempt() -> T:
            self.bucket.take()
            self.exchanges += 1
            return send()

        def safe(error: BaseException) -> bool:
            if isinstance(error, UnknownOutcomeError):
                return read
            return isinstance(error, RetryableError)

        retry = tenacity.Retrying(
            retry=tenacity.retry_if_exception(safe),
            stop=tenacity.stop_after_attempt(self._attempts),
            wait=self._wait,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retry(attempt)
        except UnknownOutcomeError as error:
            if not read:
                raise
            raise UnreachableError(self.redact(error.message), system=error.system, ref=error.ref) from error

    def _wait(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.after if isinstance(error, RetryableError) else None
        if asked is not None and not isinstance(error, UnreachableError):
            self.bucket.close(min(asked, MAX_WAIT))
            return 0.0
        backoff: float = min(30.0, 0.5 * 2 ** (state.attempt_number - 1))
        return min(MAX_WAIT, asked if asked is not None else backoff * random.uniform(0.5, 1.0))
