"""Send many documents to Elasticsearch, no faster than it takes them in.

A server with too much to do says so (429, 503), and one with a small door says that
(413). Both get smaller portions, the first one time as well. What lasts longer than our
patience is for the outbox: its rows stay, and a later run begins again.
"""

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import ApiError, Elasticsearch
from elasticsearch.helpers import expand_action

from search.engines.base import EngineUnavailableError

MOST_DOCUMENTS = 200
MOST_BYTES = 10 * 1024 * 1024
# Refusals that pass by themselves.
BUSY = frozenset({429, 503})
TOO_LARGE = 413
FIRST_WAIT = 0.25  # seconds
LONGEST_WAIT = 10.0


@dataclass(frozen=True)
class Operation:
    """One document to write or delete, as it goes over the line."""

    lines: tuple[str, ...]

    @property
    def size(self) -> int:
        """Count its bytes."""
        return sum(len(line.encode()) + 1 for line in self.lines)


class BulkSender:
    """Sends portions whose size follows what the server takes.

    `patience`: seconds without any progress until it gives up. Keep one per engine: it
    remembers what the server took last time.
    """

    def __init__(
        self, *, patience: float, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._patience = patience
        self._sleep = sleep
        self.portion = MOST_DOCUMENTS

    def send(self, client: Elasticsearch, actions: Iterable[Mapping[str, Any]]) -> None:
        """Send all. Raises EngineUnavailableError, ApiError or TransportError."""
        waiting = [_operation(client, action) for action in actions]
        refusals, since = 0, time.monotonic()
        while waiting:
            portion = waiting[: self._fitting(waiting)]
            again = self._attempt(client, portion)
            waiting = again + waiting[len(portion) :]
            if len(again) < len(portion):
                refusals, since = 0, time.monotonic()
            if again:
                refusals += 1
                self._wait(refusals, since)

    def _fitting(self, waiting: Sequence[Operation]) -> int:
        """Count how many of the next ones make a portion: one at least."""
        size = 0
        for number, operation in enumerate(waiting[: self.portion]):
            size += operation.size
            if number and size > MOST_BYTES:
                return number
        return min(len(waiting), self.portion)

    def _attempt(
        self, client: Elasticsearch, portion: list[Operation]
    ) -> list[Operation]:
        """Send one portion. Gives back what the server wants to have later."""
        lines = [line for operation in portion for line in operation.lines]
        try:
            # Lines that are text already go as they are, as the client's own helpers do.
            answer = client.bulk(
                operations=lines,  # type: ignore[arg-type]
                require_alias=True,
            )
        except ApiError as error:
            status = error.status_code
            if status not in BUSY and (status != TOO_LARGE or len(portion) == 1):
                raise
            again = portion
        else:
            again = _refused(portion, answer["items"])
        if again:
            self.portion = max(1, min(self.portion, len(portion)) // 2)
        else:
            self.portion = min(MOST_DOCUMENTS, self.portion * 2)
        return again

    def _wait(self, refusals: int, since: float) -> None:
        """Wait longer each time, and never in step with others that wait as well."""
        longest = min(LONGEST_WAIT, FIRST_WAIT * 2**refusals)
        if time.monotonic() - since > self._patience:
            message = f"it has been too busy for {self._patience:.0f} s"
            raise EngineUnavailableError(message)
        self._sleep(random.uniform(longest / 2, longest))  # noqa: S311 - no secret


def _operation(client: Elasticsearch, action: Mapping[str, Any]) -> Operation:
    serializer = client.transport.serializers.get_serializer("application/json")
    parts = [part for part in expand_action(dict(action)) if part is not None]
    lines = (serializer.dumps(part).decode() for part in parts)
    return Operation(tuple(lines))


def _refused(
    portion: Sequence[Operation], items: Sequence[Mapping[str, Any]]
) -> list[Operation]:
    """Pick out what was refused for now. Raises for what was refused for good."""
    again = []
    for operation, item in zip(portion, items, strict=True):
        ((kind, answer),) = item.items()
        if answer["status"] in BUSY:
            again.append(operation)
        elif answer["status"] >= 300 and not _is_harmless(kind, answer):
            # Not the server's reason: that quotes the text.
            refusal = answer.get("error", {}).get("type", answer["status"])
            message = f"{answer['_id']} was refused: {refusal}"
            raise EngineUnavailableError(message)
    return again


def _is_harmless(kind: str, answer: Mapping[str, Any]) -> bool:
    """Say whether a refusal is fine: a newer state is there, or it is gone already.

    An index that is not there is another matter, and has an `error`.
    """
    if answer["status"] == 409:
        return True
    return kind == "delete" and answer["status"] == 404 and "error" not in answer
