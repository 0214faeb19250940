"""Compile translations (.po to .mo) where they changed.

In Python only: Django's own command needs GNU gettext on the machine.
"""

import sys
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("accounts", "kbsite", "knowledge", "search")


def compile_changed() -> int:
    """Write each missing or older .mo file; return how many were written."""
    written = 0
    for name in SOURCES:
        for source in sorted((ROOT / name).rglob("locale/*/LC_MESSAGES/*.po")):
            target = source.with_suffix(".mo")
            if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
                continue
            polib.pofile(str(source)).save_as_mofile(str(target))
            written += 1
    return written


if __name__ == "__main__":
    if count := compile_changed():
        print(f"Compiled {count} translation files")
    sys.exit(0)
