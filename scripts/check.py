"""All checks that need no test, with a table and, last, one JSON line.

python -m scripts.check                     all of them
python -m scripts.check --only types style  some of them
python -m scripts.check --fix               repair what tools can repair
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Check:
    """One tool, and the command that repairs what it finds, if it can."""

    name: str
    command: tuple[str, ...]
    fix: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """How a check ended; `output` is what its tool printed."""

    name: str
    passed: bool
    seconds: float
    output: str


def checks() -> list[Check]:
    """Return all checks, quick ones first."""
    html = [str(p.relative_to(ROOT)) for p in sorted(ROOT.glob("templates/**/*.html"))]
    manage = (sys.executable, "manage.py")
    return [
        Check("style", ("ruff", "check", "."), ("ruff", "check", "--fix", ".")),
        Check("format", ("ruff", "format", "--check", "."), ("ruff", "format", ".")),
        Check("spelling", ("codespell",)),
        Check("contracts", ("lint-imports", "--no-cache")),
        Check(
            "djade",
            ("djade", "--target-version", "5.2", "--check", *html),
            ("djade", "--target-version", "5.2", *html),
        ),
        Check(
            "djhtml",
            ("djhtml", "--tabwidth", "2", "--check", *html),
            ("djhtml", "--tabwidth", "2", *html),
        ),
        Check("djlint", ("djlint", "--lint", "--quiet", "templates")),
        Check("django", (*manage, "check", "--fail-level=WARNING")),
        Check("migrations", (*manage, "makemigrations", "--check", "--dry-run")),
        Check("types", ("mypy",)),
    ]


def run_check(check: Check) -> Result:
    """Run one check with the tools of the virtual environment."""
    environment = os.environ | {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "DJANGO_SETTINGS_MODULE": "kbsite.settings.test",
    }
    started = time.monotonic()
    ended = subprocess.run(
        check.command,
        cwd=ROOT,
        env=environment,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    seconds = time.monotonic() - started
    return Result(check.name, ended.returncode == 0, seconds, ended.stdout.strip())


def fix_all(chosen: list[Check]) -> int:
    """Run the repairs; what they cannot repair, the checks will show."""
    for check in chosen:
        if check.fix:
            print(f"— {check.name}", flush=True)
            command = (str(BIN / check.fix[0]), *check.fix[1:])
            subprocess.run(command, cwd=ROOT, check=False)
    return 0


def report(results: list[Result]) -> int:
    """Print the failures, the table and the JSON line; return the exit status."""
    failed = [result for result in results if not result.passed]
    for result in failed:
        print(f"\n— {result.name}\n{result.output}")
    print()
    for result in results:
        verdict = "ok" if result.passed else "FAILED"
        print(f"  {result.name:<12} {verdict:<8} {result.seconds:6.1f} s")
    figures = {
        "passed": len(results) - len(failed),
        "failed": len(failed),
        "failures": [result.name for result in failed],
        "seconds": round(sum(result.seconds for result in results), 1),
    }
    print(f"\n{json.dumps(figures)}")
    return 1 if failed else 0


def main() -> int:
    """Run what the command line asks for; return the exit status."""
    known = {check.name: check for check in checks()}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=sorted(known), default=[])
    parser.add_argument("--fix", action="store_true")
    arguments = parser.parse_args()
    chosen = [known[name] for name in arguments.only] or list(known.values())
    if arguments.fix:
        return fix_all(chosen)
    return report([run_check(check) for check in chosen])


if __name__ == "__main__":
    sys.exit(main())
