"""Worker processes that are killed when they take too long."""

import atexit
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from queue import Empty, LifoQueue
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# Seconds for a worker to start, and to wait for a free one.
START_SECONDS = 20.0
WAIT_SECONDS = 5.0
MAX_WORKERS = 4
# Seconds on the clock for each second of work that a worker may use; the first
# bound the worker keeps itself, this one also holds where it cannot.
CLOCK_FACTOR = 3.0


class NoAnswer(Exception):  # noqa: N818  (it says what happened)
    """The worker crashed, ran out of its time, or none was free."""


class _Worker:
    def __init__(self) -> None:
        # Without our environment: the process reads hostile text, so it gets no
        # secrets.
        kept = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "PYTHONHOME")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "knowledge.markup.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env=environment | {"PYTHONPATH": str(ROOT)},
        )
        self._read(START_SECONDS)

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Return the answer to one request, within so many seconds of work.

        Raises:
            NoAnswer: it crashed or took longer; the worker is then of no more use.
        """
        line = json.dumps(request | {"seconds": seconds})
        answer: dict[str, Any] = self._read(seconds * CLOCK_FACTOR, line)
        return answer

    def _read(self, seconds: float, line: str = "") -> Any:
        # Killing ends both the write and the read below, on every system.
        late = threading.Timer(seconds, self.process.kill)
        late.daemon = True
        late.start()
        try:
            return json.loads(self._exchange(line))
        except (OSError, ValueError) as problem:
            raise NoAnswer from problem
        finally:
            late.cancel()

    def _exchange(self, line: str) -> bytes:
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is None or stdout is None:
            raise OSError
        if line:
            stdin.write(line.encode() + b"\n")
            stdin.flush()
        return stdout.readline()

    def close(self) -> None:
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            try:
                if pipe:
                    pipe.close()
            except OSError:
                # What could not be written is not wanted any more.
                continue
        self.process.wait()


class WorkerPool:
    """Up to MAX_WORKERS processes, started when needed, kept for the next page."""

    def __init__(self) -> None:
        self._idle: LifoQueue[_Worker] = LifoQueue()
        self._places = threading.BoundedSemaphore(MAX_WORKERS)

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Return the answer of some worker, within so many seconds of work.

        Raises:
            NoAnswer: there is none.
        """
        if not self._places.acquire(timeout=WAIT_SECONDS):
            raise NoAnswer
        try:
            return self._ask_one(request, seconds)
        finally:
            self._places.release()

    def _ask_one(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        worker = self._take()
        try:
            answer = worker.ask(request, seconds)
        except NoAnswer:
            worker.close()
            raise
        self._idle.put(worker)
        return answer

    def _take(self) -> _Worker:
        while True:
            try:
                worker = self._idle.get_nowait()
            except Empty:
                return _Worker()
            if worker.process.poll() is None:
                return worker
            worker.close()

    def close(self) -> None:
        """End the idle workers."""
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def forget(self) -> None:
        """Leave the workers to the parent process, whose pipes they are."""
        self._idle = LifoQueue()
        self._places = threading.BoundedSemaphore(MAX_WORKERS)


POOL = WorkerPool()
atexit.register(POOL.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=POOL.forget)
