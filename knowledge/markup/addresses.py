"""Which addresses a text may hold, and what they point at."""

import re
from urllib.parse import unquote

PAGE_ADDRESS = re.compile(
    r"^/(?:go/|[^/?#]+-)([a-z0-9]{8})(?:[/?#]|$)",
)
FILE_ADDRESS = re.compile(r"^/files/([A-Za-z0-9_-]+)(?:[/?#.]|$)")
SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)
# Browsers drop these inside an address, so they could hide a scheme from us.
UNSEEN = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]")
WEB = ("http:", "https:")
ALLOWED = (*WEB, "mailto:")


def safe_link(address: str) -> str | None:
    """Return the address of a link as it may stand in a page, or None if it may not."""
    address = _visible(address)
    scheme = SCHEME.match(address)
    if scheme and scheme.group().lower() not in ALLOWED:
        return None
    # Browsers read a backslash as a slash: `/\host` would leave the site.
    return None if "\\" in address.split("?")[0] else address


def is_external(address: str) -> bool:
    """Whether following the address leaves this site."""
    return address.startswith("//") or address.lower().startswith(WEB)


def is_own_image(address: str) -> bool:
    """Whether an image may load from here: our files, or beside the page.

    Anything else would tell another server who reads the page, or make the
    reader's browser call one of our own addresses.
    """
    if SCHEME.match(address) or ".." in unquote(address):
        return False
    return address.startswith("/files/") or not address.startswith("/")


def page_id(address: str) -> str | None:
    """Return the public id of the page a `/words-id/` or `/go/id` address names."""
    found = PAGE_ADDRESS.match(address)
    return found.group(1) if found else None


def file_id(address: str) -> str | None:
    """Return the public id of the file a `/files/id/…` address names."""
    found = FILE_ADDRESS.match(address)
    return found.group(1) if found else None


def _visible(address: str) -> str:
    return UNSEEN.sub(lambda m: "%20" if m.group() == " " else "", address.strip())
