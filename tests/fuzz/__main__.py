"""Run the fuzz targets: `python -m tests.fuzz rendering --seconds 900`.

Without a target each is run in a process of its own, one after the other. What the
fuzzer found goes on from run to run in `.cache/fuzz`; an input that breaks a target is
left there in `broken`. Put it into `tests/fuzz/corpus/<target>`, and `make test` has it.

Needs atheris (`pip install atheris`), which there is for Linux and macOS only.
"""

import argparse
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(__file__).parent / "corpus"
FOUND = ROOT / ".cache" / "fuzz"
TARGETS = ("rendering", "importing", "files", "extraction")
# The code whose branches lead the fuzzer.
WATCHED = (
    "knowledge.markup",
    "knowledge.files",
    "knowledge.pages.importing",
    "search.extractors",
)
WATCHED_TOO = ("markdown", "pymdownx", "yaml", "pypdf", "defusedxml")


def main() -> int:
    """Run what the command line asks for; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", nargs="?", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=900)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        print("skipped: atheris is not installed (pip install atheris)")
        print(json.dumps({"skipped": "atheris is not installed"}))
        return 0
    if arguments.inside:
        fuzz(arguments.target, arguments.seconds)
    chosen = [arguments.target] if arguments.target else list(TARGETS)
    results = [run(target, arguments.seconds) for target in chosen]
    for result in results:
        words = "{executions:>10} executions, {findings} findings".format(**result)
        print(f"  {result['target']:<12}{words}")
    print(json.dumps({"targets": results}))
    return int(any(result["findings"] for result in results))


def run(target: str, seconds: int) -> dict[str, object]:
    """Fuzz in a process of its own, for the fuzzer ends its process itself."""
    broken = FOUND / target / "broken"
    broken.mkdir(parents=True, exist_ok=True)
    before = findings(broken)
    log = FOUND / f"{target}.log"
    command = [sys.executable, "-m", "tests.fuzz", target, "--inside"]
    with log.open("wb") as out:
        ended = subprocess.run(
            [*command, "--seconds", str(seconds)],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": "0"},
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    text = log.read_text(errors="replace")
    done = re.findall(r"^#(\d+)|number_of_executed_units: (\d+)", text, re.MULTILINE)
    counts = [int(a or b) for a, b in done]
    return {
        "target": target,
        "executions": max(counts, default=0),
        "findings": len(findings(broken) - before) or int(ended.returncode != 0),
        "log": log.relative_to(ROOT).as_posix(),
    }


def findings(folder: Path) -> set[Path]:
    """List what broke a target; `slow-unit` is by the clock of a machine that is busy."""
    return {path for path in folder.iterdir() if not path.name.startswith("slow-unit")}


def fuzz(target: str, seconds: int) -> None:
    """Let the fuzzer loose; does not return."""
    import atheris  # noqa: PLC0415 - not everywhere

    with atheris.instrument_imports(include=[*WATCHED, *WATCHED_TOO]):
        set_up_django()
        module = importlib.import_module(f"tests.fuzz.{target}")
    inputs = FOUND / target / "inputs"
    inputs.mkdir(parents=True, exist_ok=True)
    kept = [path.read_bytes() for path in (CORPUS / target).glob("*")]
    for number, data in enumerate([*module.SEEDS, *kept]):
        (inputs / f"seed-{number}").write_bytes(data)
    words = FOUND / f"{target}.dict"
    words.write_text("".join(f'"{_spelled(word)}"\n' for word in module.WORDS))
    atheris.Setup(
        [
            sys.argv[0],
            str(inputs),
            f"-max_total_time={seconds}",
            f"-max_len={module.MAX_BYTES}",
            f"-dict={words}",
            f"-artifact_prefix={FOUND / target}/broken/",
            # By the clock, which also runs for a busy machine; the targets count work.
            "-timeout=900",
            "-rss_limit_mb=2048",
            "-print_final_stats=1",
        ],
        module.check,
    )
    atheris.Fuzz()


def _spelled(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


def set_up_django() -> None:
    """Settings without a database: no target asks one."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kbsite.settings.test")
    os.environ["DATABASE_URL"] = "postgresql://nobody@localhost/nothing"
    import django  # noqa: PLC0415 - after the settings are named

    django.setup()


if __name__ == "__main__":
    sys.exit(main())
