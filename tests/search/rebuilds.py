"""Interrupt a rebuild, and change what it has passed."""

import pytest

from knowledge.pages.services import Text, save_page
from search.rebuilding import rebuild


def stop_after(portions: int):
    """Do what ^C does, after some portions."""
    seen = []

    def progress(_count: int) -> None:
        seen.append(_count)
        if len(seen) > portions:
            raise KeyboardInterrupt

    return progress


def interrupt(engine, portions: int = 2) -> None:
    with pytest.raises(KeyboardInterrupt):
        rebuild(engine, stop_after(portions))


def edit(page, body: str, by) -> None:
    page.refresh_from_db()
    save_page(
        page=page,
        text=Text(title=page.title, body=body),
        base_revision_id=page.latest_revision_id,
        by=by,
        publish=True,
    )


def indices_of(engine) -> set[str]:
    return set(engine._client.indices.get(index=f"{engine.alias}_v*").body)
