"""Which addresses may be written as links: the one allow-list, for every format. Pure.

An address is a browser's program text as soon as its scheme is one: so a scheme must be known, and is judged as a
browser reads it, without the blanks, control and format characters that it skips.
"""

from __future__ import annotations

import re
from html import unescape
from unicodedata import category
from urllib.parse import unquote

SCHEMES = frozenset({
    "http", "https", "mailto", "tel", "sms", "callto", "sip", "sips", "xmpp", "irc", "ftp", "ftps", "sftp", "ssh",
    "git", "smb", "geo", "webcal", "news", "urn", "magnet", "skype", "slack", "msteams", "zoommtg", "figma", "vscode",
})  # fmt: skip
"""Schemes that open a place or an application, and run nothing."""
_SCHEME = re.compile(r"([a-z][a-z0-9+.\-]*):", re.IGNORECASE)
_HIDDEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Cs", "Co", "Cn"})


def safe(address: object) -> bool:
    """Say whether an address may be written as a link: of a known scheme, or relative."""
    if not isinstance(address, str):
        return False
    return all(_known(form) for form in _readings(address))


def _readings(address: str) -> set[str]:
    """Return how careless readers may understand an address: as it stands, and with its escapes resolved."""
    return {address, unescape(address), unquote(address), unquote(unescape(address))}


def _known(address: str) -> bool:
    start = "".join(c for c in address[:400] if category(c) not in _HIDDEN)
    scheme = _SCHEME.match(start)
    if scheme is not None:
        return scheme.group(1).lower() in SCHEMES
    # A colon before any slash that is no scheme of ours to read: let nobody else read one.
    head = re.split(r"[/?#]", start, maxsplit=1)[0]
    return ":" not in head
