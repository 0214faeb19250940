"""`make run`, as whoever tries the wiki for the first time sees it."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SIGN_IN = re.compile(r"^[^:]+: \S+@\S+ / \S+$")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(port, data_dir):
    outside = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE", "ELASTICSEARCH_URL"}
    kept = {name: value for name, value in os.environ.items() if name not in outside}
    return subprocess.Popen(
        [sys.executable, "-m", "scripts.run"],
        cwd=ROOT,
        env=kept | {"PORT": str(port), "DATA_DIR": str(data_dir)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_until_ready(process) -> list[str]:
    """Its lines up to `ready`, or all of them when it ends before."""
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if lines[-1] == "ready":
            break
    return lines


def family_of(process) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_run_prints_what_is_needed_and_stops_all_it_started(tmp_path, signal_number):
    port = free_port()
    process = start(port, tmp_path)
    try:
        lines = read_until_ready(process)
        assert lines[-1] == "ready", "\n".join(lines)
        assert any(f"http://localhost:{port}/" in line for line in lines)
        assert len([line for line in lines if SIGN_IN.match(line)]) == 3
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready") as answer:
            assert answer.status == 200
        family = family_of(process)
        assert len(family) >= 3
    finally:
        process.send_signal(signal_number)
        rest, _ = process.communicate(timeout=180)
    assert process.returncode == 0, rest
    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/")


def test_occupied_port_is_said_and_another_one_named(tmp_path):
    with socket.socket() as occupant:
        occupant.bind(("127.0.0.1", 0))
        occupant.listen()
        port = occupant.getsockname()[1]
        process = start(port, tmp_path)
        output, _ = process.communicate(timeout=180)
    assert process.returncode == 1
    assert output == f"Port {port} is in use. Try: make run PORT={port + 1}\n"
