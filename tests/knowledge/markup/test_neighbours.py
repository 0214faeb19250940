"""What one text does to its worker costs no other text anything."""

import json
import os
import signal
import subprocess
import sys
import threading

import psutil
import pytest

from knowledge.markup import pool as pools
from knowledge.markup import render, rendering
from knowledge.markup.pool import NoAnswer, TextAtFault, WorkerPool

# Takes minutes: each bracket makes the parser look at all that follow.
ENDLESS = "[" * 60_000
LABELS = {"table": "Table {}"}
INNOCENT = {"source": "x", "labels": LABELS}
HEAVY = {"source": ENDLESS, "labels": LABELS}


@pytest.fixture
def pool(monkeypatch):
    """A pool of its own, also for `render`; none of its workers outlives the test."""
    before = {worker.pid for worker in workers()}
    pool = WorkerPool()
    monkeypatch.setattr(rendering, "POOL", pool)
    yield pool
    pool.close()
    assert not [worker for worker in workers() if worker.pid not in before]


def workers() -> list[psutil.Process]:
    return psutil.Process().children()


def idle_worker(pool: WorkerPool) -> subprocess.Popen:
    pool.ask(INNOCENT, 30)
    return pool._idle.queue[0].process


def stand_in(monkeypatch, death: signal.Signals) -> None:
    """Let workers die in a certain way when they are asked."""
    program = (
        "import os, sys\n"
        "print('\"ready\"', flush=True)\n"
        f"sys.stdin.readline() and os.kill(os.getpid(), {death.value})\n"
    )
    monkeypatch.setattr(pools, "WORKER", (sys.executable, "-c", program))


def test_who_finds_a_worker_that_just_died_gets_another(pool, monkeypatch):
    process = idle_worker(pool)
    process.kill()
    # It died after we looked.
    monkeypatch.setattr(process, "poll", lambda: None)
    assert pool.ask(INNOCENT, 30)["html"] == "<p>x</p>"


def test_a_text_whose_worker_was_killed_gets_another(pool):
    process = idle_worker(pool)
    process.send_signal(signal.SIGSTOP)
    answers = []
    asking = threading.Thread(target=lambda: answers.append(pool.ask(INNOCENT, 30)))
    asking.start()
    os.kill(process.pid, signal.SIGKILL)
    asking.join()
    assert answers[0]["html"] == "<p>x</p>"


def test_a_text_that_finds_no_memory_is_tried_in_a_fresh_worker(pool):
    used = psutil.Process(idle_worker(pool).pid)
    # What earlier texts may leave of the memory of their worker.
    taken = used.memory_info().vms
    used.rlimit(psutil.RLIMIT_AS, (taken, taken))
    large = {"source": "word " * 150_000, "labels": LABELS}
    assert pool.ask(large, 240)["html"].startswith("<p>word")
    assert not used.is_running()


def test_a_text_that_needs_too_much_memory_is_at_fault(pool, monkeypatch):
    program = (
        "print('\"ready\"', flush=True)\n"
        'input() and print(\'{"problem": "MemoryError"}\', flush=True)\n'
    )
    monkeypatch.setattr(pools, "WORKER", (sys.executable, "-c", program))
    assert pool.ask(INNOCENT, 30) == {"problem": "MemoryError"}
    assert pool._idle.empty()


def test_a_text_that_used_up_its_time_is_at_fault(pool, monkeypatch):
    # Its own bound ends it; on a busy machine the clock would come first.
    monkeypatch.setattr(pools, "CLOCK_FACTOR", 1_000)
    with pytest.raises(TextAtFault):
        pool.ask(HEAVY, 0.2)


@pytest.mark.parametrize("death", [signal.SIGSEGV, signal.SIGABRT])
def test_a_text_that_crashes_a_fresh_worker_is_at_fault(pool, monkeypatch, death):
    stand_in(monkeypatch, death)
    with pytest.raises(TextAtFault):
        pool.ask(INNOCENT, 30)


def not_at_fault(pool: WorkerPool, seconds: float) -> bool:
    with pytest.raises(NoAnswer) as caught:
        pool.ask(INNOCENT, seconds)
    return not isinstance(caught.value, TextAtFault)


def test_a_text_whose_workers_are_killed_is_not_at_fault(pool, monkeypatch):
    stand_in(monkeypatch, signal.SIGKILL)
    assert not_at_fault(pool, 30)


def test_a_text_whose_worker_got_no_turn_is_not_at_fault(pool):
    idle_worker(pool).send_signal(signal.SIGSTOP)
    assert not_at_fault(pool, 0.2)


def test_a_worker_that_does_not_start_is_nobodys_fault(pool, monkeypatch):
    monkeypatch.setattr(pools, "WORKER", (sys.executable, "-c", "print('{')"))
    assert not_at_fault(pool, 30)


def test_what_failed_through_its_own_fault_is_not_tried_again(pool, monkeypatch):
    monkeypatch.setattr(rendering, "BASE_SECONDS", 0.2)
    monkeypatch.setattr(pools, "CLOCK_FACTOR", 1_000)
    guilty = f"{ENDLESS} guilty"
    assert render(guilty).degraded
    # With all the time in the world, and no worker at all.
    monkeypatch.setattr(pools, "WORKER", ())
    assert render(guilty).degraded


def test_a_page_that_met_a_bad_moment_is_shown_at_the_next_reading(pool, monkeypatch):
    with monkeypatch.context() as moment:
        stand_in(moment, signal.SIGKILL)
        assert render("An *innocent* page").degraded
    assert render("An *innocent* page").html == "<p>An <em>innocent</em> page</p>"


def test_a_page_that_found_no_place_is_shown_at_the_next_reading(pool, monkeypatch):
    monkeypatch.setattr(pools, "WAIT_SECONDS", 0)
    for _place in range(pools.MAX_WORKERS):
        pool._places.acquire()
    assert render("A *late* page").degraded
    for _place in range(pools.MAX_WORKERS):
        pool._places.release()
    assert render("A *late* page").html == "<p>A <em>late</em> page</p>"


def test_where_nobody_waits_the_clock_has_patience(monkeypatch):
    monkeypatch.setattr(pools, "CLOCK_FACTOR", 1e-6)
    patient = WorkerPool(patience=1e6)
    assert patient.ask(INNOCENT, 60)["html"] == "<p>x</p>"
    patient.close()
    assert not_at_fault(WorkerPool(), 60)


def test_an_answer_without_end_is_not_read_to_its_end(pool, monkeypatch):
    idle_worker(pool)
    monkeypatch.setattr(pools, "MAX_ANSWER_BYTES", 10)
    assert not_at_fault(pool, 30)


class Crowd:
    """Many who ask for heavy texts at the same time."""

    def __init__(self, pool: WorkerPool, number: int) -> None:
        self.pool = pool
        self.ended = 0
        self.threads = [threading.Thread(target=self._ask) for _one in range(number)]

    def _ask(self) -> None:
        try:
            self.pool.ask(HEAVY, 600)
        except NoAnswer:
            self.ended += 1

    def __enter__(self) -> "Crowd":
        self.others = {worker.pid for worker in workers()}
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        while any(thread.is_alive() for thread in self.threads):
            for worker in workers():
                if worker.pid not in self.others:
                    worker.kill()
            self.threads[0].join(0.1)


def test_heavy_texts_leave_places_for_the_others(pool, monkeypatch):
    # Light is what needs less than a second.
    monkeypatch.setattr(pools, "QUICK_SHARE", 600)
    monkeypatch.setattr(pools, "WAIT_SECONDS", 30)
    with Crowd(pool, 2 * pools.MAX_WORKERS) as crowd:
        for _page in range(5):
            assert pool.ask(INNOCENT, 600)["html"] == "<p>x</p>"
        assert crowd.ended <= 2 * pools.MAX_WORKERS - pools.MAX_HEAVY


def test_the_worker_ends_by_the_signal_that_tells_why():
    done = subprocess.run(
        pools.WORKER,
        input=json.dumps(HEAVY | {"seconds": 0.2}).encode() + b"\n",
        cwd=pools.ROOT,
        env={"PYTHONPATH": str(pools.ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGPROF
