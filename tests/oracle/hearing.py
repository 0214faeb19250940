"""What the log is told while a world lasts."""

import logging


class Heard(logging.Handler):
    """Keeps every line, from INFO on."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        self.lines.append(self.format(record))
