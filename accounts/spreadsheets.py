"""Tables to take away: CSV that no spreadsheet takes for a program."""

import csv
import re
from collections.abc import Iterable
from io import StringIO

from django.http import HttpResponse

# With one of these a spreadsheet begins a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# Where lists are separated by one of these, a cell begins after it.
INNER = re.compile(r"([;\t])(\s*)(?=[=+\-@])")


def safe_cell(text: str) -> str:
    """Keep a spreadsheet of any country from taking what was typed for a formula."""
    safe = INNER.sub(r"\1\2'", text)
    return f"'{safe}" if safe.startswith(FORMULA) else safe


def csv_response(rows: Iterable[Iterable[str]], *, name: str) -> HttpResponse:
    """Answer with a table to save; `name` is that of the file, without its ending."""
    text = StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(
        [safe_cell(cell) for cell in row] for row in rows
    )
    # The mark at the beginning tells Excel that this is UTF-8.
    response = HttpResponse(
        f"\ufeff{text.getvalue()}", content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
