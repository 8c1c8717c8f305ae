"""How the stand-in says no: Notion's error bodies, word for word in shape."""

from __future__ import annotations

import uuid
from typing import Any


class RefusalError(Exception):
    """An answer that is an error. `code` as in the status code table (Notion request limits, 2026)."""

    def __init__(self, status: int, code: str, message: str, data: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.data = status, code, message, data

    def body(self) -> dict[str, Any]:
        """Return the error object."""
        return error_body(self.status, self.code, self.message, self.data)


def error_body(status: int, code: str, message: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return Notion's error object."""
    body: dict[str, Any] = {"object": "error", "status": status, "code": code, "message": message}
    if data:
        body["additional_data"] = data
    body["request_id"] = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{status}{code}{message}"))
    return body


def invalid(message: str) -> RefusalError:
    """Return the refusal of a body that does not validate."""
    return RefusalError(400, "validation_error", message)


def absent(what: str, id: str) -> RefusalError:
    """Return the 404 that stands for "no such object" and "not shared with you" alike."""
    return RefusalError(
        404,
        "object_not_found",
        f"Could not find {what} with ID: {id}. Make sure the relevant pages and databases are shared with your"
        " integration.",
    )
