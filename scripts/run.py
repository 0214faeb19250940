"""The whole wiki on one machine: database, web server, worker, demo content.

Start it with `make run`. PORT and DATA_DIR choose where. It prints the address, the
people to sign in as, and `ready`; ^C stops everything it started.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType
from typing import NoReturn

from kbsite.postgres import embedded_url

ROOT = Path(__file__).resolve().parent.parent
READY_TIMEOUT = 600.0  # seconds; a busy machine takes minutes
STILL_STARTING = 15.0  # seconds between words that it is still starting
STOP_TIMEOUT = 15.0  # seconds a child gets to finish what it is doing
WEB_WORKERS = 2
# Each thread keeps a database connection, of which PostgreSQL allows 100 in all.
WEB_THREADS = 4


class StartError(Exception):
    """The site cannot start; the message tells the person what to do."""


class Children:
    """The processes started here, by name."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *command: str) -> None:
        """Start one; in its own session, so that ^C reaches this process alone."""
        self.processes[name] = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, start_new_session=True
        )

    def first_ended(self) -> str | None:
        """Return the name of one that ended, if any did."""
        ended = (name for name, p in self.processes.items() if p.poll() is not None)
        return next(ended, None)

    def stop(self) -> None:
        """Ask all to stop, and end what does not."""
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + STOP_TIMEOUT
        for process in self.processes.values():
            try:
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                # Its session holds its own children, such as web workers.
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def main() -> int:
    """Run until told to stop; return the exit status."""
    signal.signal(signal.SIGTERM, _interrupt)
    port = int(os.environ.get("PORT", "8000"))
    children = Children(environment={})
    try:
        _require_free(port)
        children.environment = _environment(port)
        _prepare(children.environment)
        return _serve(children, port)
    except KeyboardInterrupt:
        print("\nStopping", flush=True)
        return 0
    except StartError as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    finally:
        # A second ^C while children finish must not leave them behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        children.stop()


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _environment(port: int) -> dict[str, str]:
    """Return what the children need to know; starts the embedded PostgreSQL.

    They get its address, so that only this process counts as its user and its end
    is the end of the database.
    """
    data_dir = Path(os.environ.get("DATA_DIR") or ROOT / "data").resolve()
    defaults = {
        "DJANGO_SETTINGS_MODULE": "kbsite.settings.development",
        "DEELPLEIN_BASE_URL": f"http://localhost:{port}",
        # Django's own pages of errors tell which addresses there are.
        "DJANGO_DEBUG": "0",
        "PYTHONUNBUFFERED": "1",
        # A line for each request would bury the sign-ins.
        "LOG_LEVEL": "WARNING",
    }
    # Whitenoise warns of a missing folder, also where it serves from the sources.
    (data_dir / "static").mkdir(parents=True, exist_ok=True)
    environment = defaults | dict(os.environ) | {"DATA_DIR": str(data_dir)}
    if not environment.get("DATABASE_URL"):
        environment["DATABASE_URL"] = embedded_url(data_dir)
    return environment


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            message = f"Port {port} is in use. Try: make run PORT={port + 1}"
            raise StartError(message) from error


def _prepare(environment: dict[str, str]) -> None:
    """Bring the database up to date and fill it the first time."""
    print("Preparing the database: the first time takes a minute or more", flush=True)
    _manage(environment, "migrate", "--verbosity=0")
    _manage(environment, "load_demo", "--once")


def _manage(environment: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "manage.py", *arguments]
    ended = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    if ended.returncode:
        message = f"manage.py {arguments[0]} failed; see above"
        raise StartError(message)


def _serve(children: Children, port: int) -> int:
    """Start web server and worker, and stay until one of them ends."""
    children.start(
        "web server",
        *(sys.executable, "-m", "granian", "--interface=wsgi"),
        *("--host=127.0.0.1", f"--port={port}", f"--workers={WEB_WORKERS}"),
        *(f"--blocking-threads={WEB_THREADS}", "--log-level=warning"),
        "kbsite.wsgi:application",
    )
    children.start("worker", sys.executable, "manage.py", "procrastinate", "worker")
    _wait_until_ready(children, port)
    print(f"\nDeelplein runs at http://localhost:{port}/\n", flush=True)
    _manage(children.environment, "load_demo", "--print-sign-ins")
    print("ready", flush=True)
    while (ended := children.first_ended()) is None:
        time.sleep(0.5)
    print(f"The {ended} ended by itself; stopping", file=sys.stderr, flush=True)
    return 1


def _wait_until_ready(children: Children, port: int) -> None:
    address = f"http://127.0.0.1:{port}/health/ready"
    print("Starting web server and worker", flush=True)
    started = told = time.monotonic()
    while True:
        if ended := children.first_ended():
            message = f"The {ended} ended while starting; see above"
            raise StartError(message)
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            now = time.monotonic()
            if now > started + READY_TIMEOUT:
                message = f"{address} does not answer ({error}). Run it again?"
                raise StartError(message) from error
            if now > told + STILL_STARTING:
                told = now
                print(f"Still starting, after {now - started:.0f} s", flush=True)
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
