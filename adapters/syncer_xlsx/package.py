"""What is inside a workbook file, looked at before a library that would drop part of it gets to write it. Pure."""

from __future__ import annotations

import importlib.util
import io
import re
import zipfile
import zlib

from syncer.errors import UserError

CAP = 512 * 2**20
"""Bytes. A workbook that unpacks to more is refused: it is a zip bomb, or no work for this tool."""

KEPT = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(app|core|custom|thumbnail)\.\w+"
    r"|xl/(workbook|styles|sharedStrings|calcChain)\.xml|xl/_rels/workbook\.xml\.rels|xl/theme/theme\d*\.xml"
    r"|xl/(work|chart)sheets/(_rels/)?[^/]+\.xml(\.rels)?|xl/tables/[^/]+\.xml|xl/externalLinks/(_rels/)?[^/]+"
    r"|xl/comments\d*\.xml|xl/comments/[^/]+\.xml|xl/drawings/(_rels/)?[^/]+\.(xml|vml)(\.rels)?"
    r"|xl/charts/(_rels/)?chart\d*\.xml|xl/printerSettings/[^/]+",
    re.IGNORECASE,
)
"""Parts that openpyxl 3.1 reads and writes back, and two it makes anew or that hold no content (calculation order,
printer settings)."""
IMAGE = re.compile(r"xl/media/[^/]+\.(png|jpe?g|gif|bmp)", re.IGNORECASE)
MACROS = re.compile(r"xl/vbaProject\w*\.bin|xl/_rels/vbaProject\.bin\.rels", re.IGNORECASE)
STRINGS = re.compile(r"xl/sharedStrings\.xml|xl/worksheets/[^/]+\.xml", re.IGNORECASE)
HIDDEN = re.compile(rb"<(?:\w+:)?(extLst|AlternateContent|legacyDrawingHF|oleObjects|controls)\b")


def check_archive(data: bytes, what: str) -> None:
    """Raise UserError unless the bytes are a sound zip file of a sensible size that holds a workbook."""
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise UserError(f"{what}: an old .xls file, or one with a password", hint="save it as .xlsx without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            size = sum(part.file_size for part in package.infolist())
            names = set(package.namelist())
    except (zipfile.BadZipFile, ValueError) as error:
        raise UserError(f"{what}: not a workbook", hint="it must be an .xlsx or .xlsm file") from error
    if size > CAP:
        reason = f"{what}: unpacks to {size // 2**20} MB, more than {CAP // 2**20} MB"
        raise UserError(reason, hint="split the workbook")
    if "xl/workbook.xml" not in names:
        raise UserError(f"{what}: not a workbook", hint="it must be an .xlsx or .xlsm file")


def guarded(data: bytes) -> bytes:
    """Return the package with escaped underscores spelled in lower case.

    openpyxl 3.1 strips every "x005F_" from strings, so that a text "_x000D_" and a carriage return could
    no longer be told apart.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        names = [name for name in package.namelist() if STRINGS.fullmatch(name)]
        if not any(b"_x005F_" in package.read(name) for name in names):
            return data
        changed = io.BytesIO()
        with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as target:
            for part in package.infolist():
                content = package.read(part)
                target.writestr(part, content.replace(b"_x005F_", b"_x005f_") if part.filename in names else content)
        return changed.getvalue()


def losses(data: bytes, *, macros: bool) -> tuple[str, ...]:
    """Return the parts, and the extensions inside sheets, that openpyxl would drop or change on writing."""
    kinds = [KEPT, *([IMAGE] if importlib.util.find_spec("PIL") else []), *([MACROS] if macros else [])]
    lost = []
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            if name.endswith("/"):
                continue
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name, re.IGNORECASE):
                found = sorted({m[1].decode() for m in HIDDEN.finditer(package.read(name))})
                lost += [f"{name} ({mark})" for mark in found]
            elif not any(kept.fullmatch(name) for kept in kinds):
                lost.append(name)
    return tuple(lost)


def sound(data: bytes) -> bool:
    """Say whether what is about to replace a workbook can be read back, checksums included."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return package.testzip() is None and "xl/workbook.xml" in package.namelist()
    except (zipfile.BadZipFile, zlib.error):
        return False
