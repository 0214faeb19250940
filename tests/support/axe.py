"""What an automatic check says of a page: accessibility, sideways scrolling."""

from pathlib import Path

from django.conf import settings
from playwright.sync_api import Page

SCRIPT = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
RUN = """(rules) => axe.run(document, {
  resultTypes: ["violations"],
  ...(rules.length ? { runOnly: { type: "rule", values: rules } } : {}),
}).then((found) => found.violations.flatMap((rule) => rule.nodes.map(
  (node) => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary}`,
)))"""
SIDEWAYS = """() => {
  const width = document.documentElement.clientWidth;
  return document.documentElement.scrollWidth <= width ? [] :
    [...document.querySelectorAll("body *")]
      .filter((element) => element.getBoundingClientRect().right > width + 1)
      .slice(0, 5)
      .map((element) => `wider than the page: ${element.tagName}.${element.className}`);
}"""


def violations(page: Page, *rules: str) -> list[str]:
    """Check all rules, or only these; one line per offending element.

    The script comes through the debugger: the site's own policy would refuse it.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(RUN, list(rules))
    return found


def sideways(page: Page) -> list[str]:
    """Name what makes the page wider than its window."""
    found: list[str] = page.evaluate(SIDEWAYS)
    return found
