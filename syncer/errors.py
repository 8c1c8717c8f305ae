"""Every public error, grouped by what the caller does next.

    SyncerError
    ├── UserError                  change something, then run again          exit 2, no traceback
    │   ├── ConfigError              syncer.yaml or a mapping is wrong; has file:line:column
    │   ├── AuthError                a system refused our credentials
    │   ├── ReadOnlyError            a write was asked of a connection with `access: read`
    │   ├── PausedError              a person paused the product
    │   ├── PlanError                this plan file cannot be applied here
    │   ├── StoreError               the state file cannot be used
    │   │   ├── LostError              it is torn, or gone: `syncer rebuild`
    │   │   └── ForeignError           it is sound, but not ours to use
    │   └── DocumentError            a text is malformed; has line, column, offset
    ├── GuardError                 the plan is too destructive               exit 3, needs --allow
    ├── BusyError                  another run holds the product             exit 7, try again later
    └── AdapterError               one system, perhaps one record
        ├── RetryableError           nothing happened there; wait `after` seconds
        │   └── UnreachableError     the system did not answer at all         exit 6
        ├── UnknownOutcomeError      a write may have happened; look before repeating it
        ├── StaleError               the record moved on; read it again
        ├── NotFoundError            no such record, or it is hidden from us
        └── RejectedError            the system refuses these values; skip them, report them

A conflict is not an error: it is a value in the plan, kept until a policy or a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class SyncerError(Exception):
    """The root of everything this package raises on purpose."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  → {self.hint}" if self.hint else self.message


class UserError(SyncerError):
    """Something the user must change before running again."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Position:
    """Where in a file: 1-based line and column."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class ConfigError(UserError):
    """The configuration or a mapping is wrong at `position`."""

    def __init__(self, message: str, *, position: Position | None = None, hint: str = "") -> None:
        super().__init__(f"{position}: {message}" if position else message, hint=hint)
        self.position = position
        self.reason = message


class AuthError(UserError):
    """A system refused our credentials. Never to be read as "no items"."""


class ReadOnlyError(UserError):
    """A write was asked of a connection that is configured with `access: read`."""


class PausedError(UserError):
    """The product is paused: nothing is read for decisions, and nothing written, until somebody resumes it."""


class PlanError(UserError):
    """The plan file was made for another configuration or state, or is already applied."""


class StoreError(UserError):
    """The state database is missing, torn, or of another format."""


class LostError(StoreError):
    """The state database is torn, or was deleted or exchanged: the systems know more of it than it does."""

    def __init__(self, message: str) -> None:
        super().__init__(
            message, hint="restore a backup of it, or run `syncer rebuild`: it links anew, and writes to no system"
        )


class ForeignError(StoreError):
    """The file is sound, and belongs to another program, another product or a newer version."""


class DocumentError(UserError):
    """A document cannot be read. `line` and `column` are 1-based, `offset` 0-based."""

    def __init__(self, message: str, *, line: int = 1, column: int = 1, offset: int = 0) -> None:
        super().__init__(f"{line}:{column}: {message}")
        self.line, self.column, self.offset = line, column, offset


class GuardError(SyncerError):
    """Guards stopped the plan. `guards`: what each saw, and its flag; `flag` is all that lets the plan pass."""

    exit_code = 3

    def __init__(self, guards: Sequence[tuple[str, str]]) -> None:
        self.guards, self.flag = list(guards), " ".join(dict.fromkeys(flag for _, flag in guards))
        saw = "; ".join(saw for saw, _ in guards)
        super().__init__(
            f"stopped before writing anything: {saw}", hint=f"if that is right, run again with {self.flag}"
        )

    def to_json(self) -> dict[str, object]:
        """Return what was seen, and the flags, for machines."""
        return {"guards": [{"saw": saw, "flag": flag} for saw, flag in self.guards], "flag": self.flag}


class BusyError(SyncerError):
    """Another run holds the product's lease."""

    exit_code = 7


class AdapterError(SyncerError):
    """Something went wrong at one system, perhaps with one record."""

    exit_code = 5

    def __init__(self, message: str, *, system: str = "", ref: str | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.system, self.ref = system, ref


class RetryableError(AdapterError):
    """Not executed. Waiting `after` seconds and asking again is safe for any method."""

    exit_code = 6

    def __init__(
        self,
        message: str,
        *,
        after: float | None = None,
        system: str = "",
        ref: str | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, system=system, ref=ref, hint=hint)
        self.after = after


class UnreachableError(RetryableError):
    """The system could not be reached, or kept failing. Nothing was decided about it."""


class UnknownOutcomeError(AdapterError):
    """A write may have taken effect. `committed` is the record's ref when the system told it."""

    def __init__(
        self,
        message: str,
        *,
        committed: str | None = None,
        system: str = "",
        ref: str | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, system=system, ref=ref, hint=hint)
        self.committed = committed


class StaleError(AdapterError):
    """The record is no longer what the caller had read."""


class NotFoundError(AdapterError):
    """No such record, or it is hidden from this account: the two look the same."""


class RejectedError(AdapterError):
    """The system refuses the write. `fields` maps a record field's id to its reason ("" = the whole)."""

    def __init__(
        self,
        message: str,
        *,
        fields: Mapping[str, str] | None = None,
        system: str = "",
        ref: str | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, system=system, ref=ref, hint=hint)
        self.fields = dict(fields or {})
