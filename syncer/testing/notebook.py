"""An adapter's memory for tests: what one adapter keeps in it, the next one recalls."""

from __future__ import annotations

import json
from typing import Any

from syncer.adapter import Kept
from syncer.record import Schema, schema_from_json, schema_to_json


class Notebook:
    """A `syncer.adapter.Memory` that goes through JSON, as the session's does."""

    def __init__(self) -> None:
        self._page = ""
        self.kept = 0
        """How often something was kept."""

    def recall(self) -> Kept | None:
        """See Memory."""
        if not self._page:
            return None
        value, schema = json.loads(self._page)
        return Kept(value, schema_from_json(schema))

    def keep(self, value: Any, schema: Schema) -> None:
        """See Memory."""
        self._page = json.dumps([value, schema_to_json(schema)])
        self.kept += 1
