"""Three Elasticsearch nodes on this machine, for tests of a cluster that loses one.

Always the distribution of `elasticsearch_distribution`, each node a process with its own
folder: a container cannot be killed as a node that dies is.
"""

import contextlib
import json
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from scripts import elasticsearch_distribution
from scripts.elasticsearch_distribution import UnavailableError

NODES = 3
HEAP = "-Xms400m -Xmx400m"
START_TIMEOUT = 420.0  # seconds; three at once on two busy cores


@dataclass
class Node:
    """One server: its ports stay the same over a restart."""

    name: str
    run: Path
    port: int
    transport: int
    discovery: str = ""
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Give its address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, cache: Path, *, keep_data: bool = False) -> None:
        """Start it; it is ready later."""
        self.process = elasticsearch_distribution.start(
            cache,
            self.port,
            self.transport,
            HEAP,
            run=self.run,
            discovery=self.discovery,
            keep_data=keep_data,
        )

    def kill(self, signum: int = signal.SIGKILL) -> list[int]:
        """End it and what it started; give the process ids that are gone."""
        if self.process is None:
            return []
        family = _family(self.process.pid)
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signum)
        self.process.wait()
        self.process = None
        gone, _alive = psutil.wait_procs(family, timeout=20)
        return [process.pid for process in gone]


class Cluster:
    """The three of them. Use it as a context manager."""

    def __init__(self, cache: Path, folder: Path) -> None:
        """Choose ports and folders; nothing is started."""
        self.cache, self.folder = cache, folder
        ports = iter(_free_ports(NODES * 2))
        self.nodes = [
            Node(f"node-{number}", folder / f"node-{number}", next(ports), next(ports))
            for number in range(1, NODES + 1)
        ]
        seeds = ", ".join(f'"127.0.0.1:{node.transport}"' for node in self.nodes)
        names = ", ".join(node.name for node in self.nodes)
        for node in self.nodes:
            node.discovery = "\n".join(
                [
                    f"node.name: {node.name}",
                    f"discovery.seed_hosts: [{seeds}]",
                    f"cluster.initial_master_nodes: [{names}]",
                ]
            )

    def __enter__(self) -> "Cluster":
        """Start all and wait until they are one cluster. Raises UnavailableError."""
        try:
            for node in self.nodes:
                node.start(self.cache)
            self.wait_for(NODES)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop all and delete what they stored."""
        self.stop()

    @property
    def urls(self) -> str:
        """Give all addresses as ELASTICSEARCH_URL wants them."""
        return ",".join(node.url for node in self.nodes)

    def wait_for(self, nodes: int, status: str = "") -> dict[str, Any]:
        """Return the health once so many nodes are together, with at least a status."""
        deadline = time.monotonic() + START_TIMEOUT
        query = f"wait_for_nodes={nodes}&timeout=5s"
        query += f"&wait_for_status={status}" if status else ""
        while time.monotonic() < deadline:
            for node in self.nodes:
                address = f"{node.url}/_cluster/health?{query}"
                health: dict[str, Any] | None = _ask(address)
                if health and not health["timed_out"]:
                    return health
            time.sleep(0.5)
        message = f"{nodes} nodes were not together within {START_TIMEOUT:.0f} s"
        raise UnavailableError(message)

    def master(self) -> Node:
        """Find the node that leads."""
        for node in self.nodes:
            if found := _ask(f"{node.url}/_cat/master?format=json"):
                name = found[0]["node"]
                return next(one for one in self.nodes if one.name == name)
        message = "no node answers"
        raise UnavailableError(message)

    def stop(self) -> None:
        """End all, at once: nothing in them is needed any more."""
        for node in self.nodes:
            node.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def _family(pid: int) -> list[psutil.Process]:
    """List a launcher and the servers that it started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        launcher = psutil.Process(pid)
        return [*launcher.children(recursive=True), launcher]
    return []


def _ask(url: str) -> Any:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own
            return json.loads(answer.read())
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return None


def _free_ports(count: int) -> list[int]:
    """Find ports that are free, all at the same time."""
    with contextlib.ExitStack() as stack:
        ports = []
        for _number in range(count):
            probe = stack.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            ports.append(probe.getsockname()[1])
        return ports
