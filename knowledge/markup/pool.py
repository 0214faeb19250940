"""Worker processes that are killed when they take too long.

When there is no answer, it is told whose fault that was: a text that spoils its worker
must not make others fail, who come by at the same moment.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, LifoQueue
from typing import Any, NamedTuple, Self

ROOT = Path(__file__).resolve().parents[2]
# What renders; other kinds of work give their pool a module of their own.
WORKER = (sys.executable, "-m", "knowledge.markup.worker")
# Seconds for a worker to start, and to wait for a free one.
START_SECONDS = 20.0
WAIT_SECONDS = 5.0
MAX_WORKERS = 4
# A text that is not done in this part of its time is heavy. Only some of the workers
# are ever busy with those, so that they hold up nobody who reads an ordinary page.
QUICK_SHARE = 4
MAX_HEAVY = 2
HEAVY_WAIT_SECONDS = 1.0
# Seconds on the clock for each second of work that a worker may use; the first
# bound the worker keeps itself, this one also holds where it cannot.
CLOCK_FACTOR = 3.0
# Bytes read of an answer; far above what the largest page gives.
MAX_ANSWER_BYTES = 256 * 1024 * 1024
# How a worker ends that used up its time; no signals on Windows.
_OUT_OF_TIME = -getattr(signal, "SIGPROF", 0) or None
_KILLED = -getattr(signal, "SIGKILL", 0) or None
_OUT_OF_MEMORY = {"problem": "MemoryError"}


class NoAnswer(Exception):  # noqa: N818  (it says what happened)
    """There is none, and the text is not to blame: the next time there may be one."""


class TextAtFault(NoAnswer):
    """This very text crashed a fresh worker or used up its time."""


class _OutOfTime(TextAtFault):
    """It used up the time of this attempt."""


class _WorkerLost(NoAnswer):
    """The worker died of something else than this text, as far as one can tell."""


class _Task(NamedTuple):
    request: dict[str, Any]
    data: bytes

    def message(self, seconds: float) -> tuple[bytes, bytes]:
        bounds = {"seconds": seconds, "bytes": len(self.data)}
        return json.dumps(self.request | bounds).encode() + b"\n", self.data


class _Worker:
    def __init__(self, command: Sequence[str]) -> None:
        # Without our environment: the process reads hostile text, so it gets no
        # secrets.
        kept = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "PYTHONHOME")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        self.is_fresh = True
        self._was_late = False
        self.process = subprocess.Popen(  # noqa: S603  (a command of our own)
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env=environment | {"PYTHONPATH": str(ROOT)},
        )
        try:
            self._read(START_SECONDS)
        except (OSError, ValueError) as problem:
            self.close()
            raise NoAnswer from problem

    def ask(self, task: _Task, seconds: float, clock: float) -> dict[str, Any]:
        """Return the answer to one request, within so many seconds of work.

        Raises:
            NoAnswer: there is none; the worker is closed.
        """
        was_fresh, self.is_fresh = self.is_fresh, False
        try:
            answer: dict[str, Any] = self._read(clock, *task.message(seconds))
        except (OSError, ValueError) as problem:
            self.close()
            raise self._blame(was_fresh) from problem
        if answer == _OUT_OF_MEMORY:
            self.close()
            if not was_fresh:
                # Earlier texts may have left too little.
                raise _WorkerLost
        return answer

    def _blame(self, was_fresh: bool) -> NoAnswer:
        """Tell by the end of the process whose fault it was."""
        ended = self.process.returncode
        if ended == _OUT_OF_TIME:
            return _OutOfTime()
        if self._was_late:
            # The clock runs for a busy machine, too. Where a worker cannot count its
            # own time, the clock is all there is.
            return NoAnswer() if _OUT_OF_TIME else _OutOfTime()
        # The system kills when it is short of memory, and rarely the right one.
        if was_fresh and ended != _KILLED:
            return TextAtFault()
        return _WorkerLost()

    def _read(self, seconds: float, *parts: bytes) -> Any:
        # Killing ends both the write and the read below, on every system.
        late = threading.Timer(seconds, self._end_late)
        late.daemon = True
        late.start()
        try:
            return json.loads(self._exchange(parts))
        finally:
            late.cancel()

    def _end_late(self) -> None:
        self._was_late = True
        self.process.kill()

    def _exchange(self, parts: Iterable[bytes]) -> bytes:
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is None or stdout is None:
            raise OSError
        for part in parts:
            stdin.write(part)
        stdin.flush()
        return stdout.readline(MAX_ANSWER_BYTES)

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

    def __init__(self, module: str = "", patience: float = 1.0) -> None:
        """Make a pool whose workers run `module`; without one they render.

        Where nobody waits, `patience` lengthens what the clock allows, not the work.
        """
        self._command = (sys.executable, "-m", module) if module else ()
        self._patience = patience
        self.forget()

    @classmethod
    def for_life(cls, module: str = "", patience: float = 1.0) -> Self:
        """Make a pool that stays until this process ends."""
        pool = cls(module, patience)
        atexit.register(pool.close)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=pool.forget)
        return pool

    def ask(
        self, request: dict[str, Any], seconds: float, data: bytes = b""
    ) -> dict[str, Any]:
        """Return the answer of some worker, within so many seconds of work.

        `data` goes along as it is, for what JSON would blow up.

        Raises:
            TextAtFault: there is none because of this text, and there never will be.
            NoAnswer: there is none now.
        """
        task = _Task(request, data)
        clock = seconds * CLOCK_FACTOR * self._patience
        try:
            return self._ask(task, seconds / QUICK_SHARE, clock)
        except _OutOfTime:
            with _place_among(self._heavy, HEAVY_WAIT_SECONDS):
                return self._ask(task, seconds, clock)

    def _ask(self, task: _Task, seconds: float, clock: float) -> dict[str, Any]:
        with _place_among(self._places, WAIT_SECONDS):
            try:
                return self._ask_one(self._take(), task, seconds, clock)
            except _WorkerLost:
                return self._ask_one(self._start(), task, seconds, clock)

    def _ask_one(
        self, worker: _Worker, task: _Task, seconds: float, clock: float
    ) -> dict[str, Any]:
        answer = worker.ask(task, seconds, clock)
        if worker.process.returncode is None:
            self._idle.put(worker)
        return answer

    def _take(self) -> _Worker:
        while True:
            try:
                worker = self._idle.get_nowait()
            except Empty:
                return self._start()
            if worker.process.poll() is None:
                return worker
            worker.close()

    def _start(self) -> _Worker:
        return _Worker(self._command or WORKER)

    def close(self) -> None:
        """End the idle workers."""
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def forget(self) -> None:
        """Begin anew; after a fork the workers stay with the parent, whose pipes they are."""
        self._idle: LifoQueue[_Worker] = LifoQueue()
        self._places = threading.BoundedSemaphore(MAX_WORKERS)
        self._heavy = threading.BoundedSemaphore(MAX_HEAVY)


@contextmanager
def _place_among(places: threading.Semaphore, seconds: float) -> Iterator[None]:
    """Hold a place. Raises NoAnswer when none gets free in time."""
    if not places.acquire(timeout=seconds):
        raise NoAnswer
    try:
        yield
    finally:
        places.release()


POOL = WorkerPool.for_life()
