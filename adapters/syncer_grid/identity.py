"""Which row is which: ids from a column, provisional ones from the content, copies told from originals. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass

from syncer.errors import UserError
from syncer.record import Ref, canonical_json
from syncer_grid.table import Grid, Row
from syncer_grid.wire import text

NEW = "new:"


@dataclass(frozen=True, slots=True)
class Located:
    """A row and its ref. `id` is "" while the ref is only provisional."""

    ref: Ref
    row: Row
    id: str
    archived: bool = False


def fingerprint(row: Row, id_at: int | None) -> str:
    """Return a digest of a row's values, its id and its place left out."""
    values = [text(cell) for at, cell in enumerate(row.cells) if at != id_at]
    while values and not values[-1]:
        values.pop()
    data = canonical_json(values).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def locate(grid: Grid, id_at: int | None, prefix: str, before: Grid | None = None) -> dict[Ref, Located]:
    """Return every row that holds anything, by ref, live ones in the sheet's order and then the archived ones.

    A blank id is a new row. Of several rows with one id (a copy pasted) the one most like what we last knew keeps
    it, the first one among equals; the others are new rows. A live row outweighs an archived one.
    """
    found: dict[Ref, Located] = {}
    seen: Counter[str] = Counter()
    for rows, archived in ((grid.rows, False), (grid.archived, True)):
        keepers = _keepers(rows, id_at, before)
        for row in rows:
            if row.blank():
                continue
            mine = _id(row, id_at)
            ref = Ref(prefix + mine)
            if not mine or keepers[mine] is not row or ref in found:
                if mine and archived:
                    continue
                mine, mark = "", fingerprint(row, id_at)
                seen[mark] += 1
                ref = Ref(f"{prefix}{NEW}{mark}" + (f".{seen[mark]}" if seen[mark] > 1 else ""))
            found[ref] = Located(ref, row, mine, archived)
    return found


def locate_by_key(title: str, grid: Grid, key_at: int, key: str, prefix: str) -> tuple[dict[Ref, Located], list[str]]:
    """Return the rows by a key column of the sheet's own, and notes on rows without one.

    Raises UserError for two rows of one key: which is which is not for us to guess.
    """
    found: dict[Ref, Located] = {}
    notes = []
    for rows, archived in ((grid.rows, False), (grid.archived, True)):
        for row in rows:
            mine = _id(row, key_at)
            if row.blank():
                continue
            if not mine:
                notes.append(f'{title} row {row.number}: no "{key}", so it takes no part')
                continue
            ref = Ref(prefix + mine)
            if ref in found and not archived:
                raise UserError(
                    f'{title}: rows {found[ref].row.number} and {row.number} have the same "{key}": {mine}',
                    hint="give one of them a key of its own, or remove it",
                )
            found.setdefault(ref, Located(ref, row, mine, archived))
    return found, notes


def _id(row: Row, id_at: int | None) -> str:
    return text(row.at(id_at)).strip() if id_at is not None else ""


def _keepers(rows: list[Row], id_at: int | None, before: Grid | None) -> dict[str, Row]:
    claims: dict[str, list[Row]] = {}
    for row in rows:
        if mine := _id(row, id_at):
            claims.setdefault(mine, []).append(row)
    known = {_id(row, id_at): row for row in before.rows} if before is not None else {}
    return {mine: _likest(of, known.get(mine)) for mine, of in claims.items()}


def _likest(rows: list[Row], known: Row | None) -> Row:
    if known is None or len(rows) == 1:
        return rows[0]
    return max(rows, key=lambda row: sum(row.at(at) == cell for at, cell in enumerate(known.cells)))
