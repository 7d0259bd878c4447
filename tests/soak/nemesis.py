"""Kills a worker of the emulator every now and then: a process in which a function runs."""

import os
import random
import re
import signal
import threading
from collections import Counter
from pathlib import Path

PAUSE_S = 2.0
WORKER = re.compile(r"ministack-lambda-.*-(?P<function>\w+)Function-.*_worker\.py")


class Nemesis(threading.Thread):
    def __init__(self, emulator: int, seed: int):
        super().__init__(name="nemesis", daemon=True)
        self.killed: Counter[str] = Counter()
        self._emulator = emulator
        self._random = random.Random(seed)
        self._over = threading.Event()

    def stop(self) -> None:
        self._over.set()

    def run(self) -> None:
        while not self._over.wait(self._random.uniform(0, 2 * PAUSE_S)):
            self._strike()

    def _strike(self) -> None:
        """Any function alike, however many workers it has."""
        workers = _workers(self._emulator)
        if workers:
            function = self._random.choice(sorted(workers))
            os.kill(self._random.choice(workers[function]), signal.SIGKILL)
            self.killed[function] += 1


def _workers(emulator: int) -> dict[str, list[int]]:
    """Process ids by function; only the emulator's own children."""
    found: dict[str, list[int]] = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_text().replace("\0", " ")
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, UnicodeDecodeError):
            continue  # it has ended meanwhile
        worker = WORKER.search(command)
        if worker and parent == emulator:
            found.setdefault(worker["function"].lower(), []).append(int(process.name))
    return found
