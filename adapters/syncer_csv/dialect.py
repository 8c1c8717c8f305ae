"""CSV text ⇄ records that remember how every cell was written, so that unedited ones are put back unchanged. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from syncer.errors import DocumentError

BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
DELIMITERS = ",;\t|"


@dataclass(slots=True)
class Line:
    """One record: its cells as written, quotes included, and its line end ("" at the end of a file)."""

    raw: list[str]
    end: str

    def cells(self) -> list[str]:
        """Return the cells' values."""
        return [unquoted(cell) for cell in self.raw]


@dataclass(slots=True)
class Sheet:
    """A whole file."""

    lines: list[Line] = field(default_factory=list)
    delimiter: str = ","
    end: str = "\n"
    bom: bytes = b""
    encoding: str = "utf-8"

    def to_bytes(self) -> bytes:
        """Return the file. Raises UnicodeEncodeError for a character that its encoding lacks."""
        return self.bom + "".join(self.delimiter.join(x.raw) + x.end for x in self.lines).encode(self.encoding)

    def put(self, line: Line, at: int, value: str) -> None:
        """Set a cell, quoted where it must be or was."""
        line.raw += [""] * (at + 1 - len(line.raw))
        line.raw[at] = quoted(value, self.delimiter, always=line.raw[at].startswith('"'))

    def append(self, values: list[str], *, always: bool = False) -> Line:
        """Add a record at the end; a file without a final line end stays without one."""
        final = self.lines[-1].end if self.lines else self.end
        if self.lines and not final:
            self.lines[-1].end = self.end
        line = Line([quoted(v, self.delimiter, always=always) for v in values], final)
        self.lines.append(line)
        return line

    def remove(self, line: Line) -> None:
        """Take a record out; a file without a final line end stays without one."""
        at = next(i for i, other in enumerate(self.lines) if other is line)
        del self.lines[at]
        if not line.end and self.lines:
            self.lines[-1].end = ""


def parse(data: bytes, *, encoding: str = "utf-8", delimiter: str = "") -> Sheet:
    """Read a file. Raises UnicodeDecodeError, and DocumentError for a quoted cell that never ends."""
    bom = b""
    for mark, name in BOMS:
        if data.startswith(mark):
            bom, encoding = mark, name
            break
    text = data[len(bom) :].decode(encoding)
    delimiter = delimiter or _delimiter(text)
    lines = _lines(text, delimiter)
    ends = [line.end for line in lines if line.end]
    return Sheet(lines, delimiter, ends[0] if ends else "\n", bom, encoding)


def unquoted(raw: str) -> str:
    """Return the value of a cell as written."""
    if not raw.startswith('"'):
        return raw
    closing = re.compile(r'"((?:[^"]|"")*)"(.*)', re.DOTALL).fullmatch(raw)
    return closing[1].replace('""', '"') + closing[2] if closing else raw


def quoted(value: str, delimiter: str, *, always: bool = False) -> str:
    """Return a cell as it must be written."""
    if always or value.startswith((" ", '"')) or any(c in value for c in (delimiter, '"', "\r", "\n")):
        return '"' + value.replace('"', '""') + '"'
    return value


def _delimiter(text: str) -> str:
    """Return the delimiter that the header uses most, quoted parts left out."""
    header = re.split(r"\r\n|\r|\n", re.sub(r'"(?:[^"]|"")*"', "", text), maxsplit=1)[0]
    return max(DELIMITERS, key=lambda d: (header.count(d), -DELIMITERS.index(d)))


def _lines(text: str, delimiter: str) -> list[Line]:
    d = re.escape(delimiter)
    cell = re.compile(rf'("(?:[^"]|"")*"[^{d}\r\n]*|(?!")[^{d}\r\n]*)({d}|\r\n|\r|\n|\Z)')
    lines: list[Line] = []
    raw: list[str] = []
    at = 0
    while at < len(text) or raw:
        found = cell.match(text, at)
        if found is None:
            raise DocumentError("a quoted cell never ends", line=text.count("\n", 0, at) + 1, offset=at)
        raw.append(found[1])
        at = found.end()
        if found[2] != delimiter:
            lines.append(Line(raw, found[2]))
            raw = []
    return lines
