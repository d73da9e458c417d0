"""Processes that a bench starts, watches through /proc and ends; never any other."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

TICKS_S = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
STOP_S = 30.0


class Process:
    """One process of ours; its output goes to a file, whose end is shown when something fails."""

    def __init__(self, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> None:
        self._log = log
        self._name = " ".join(command[:6])
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env={**os.environ, **(environment or {})}
            )

    @property
    def running(self) -> bool:
        """Whether it still is there."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its id."""
        return self._process.pid

    def cpu_s(self) -> float:
        """Return the CPU seconds used so far, user and system, all threads."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_S

    def rss_mb(self) -> float:
        """Return the resident memory, MB (10^6 bytes)."""
        return int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]) * PAGE_BYTES / 1e6

    def wait(self, timeout_s: float) -> None:
        """Wait until it ended well.

        Raises:
            RuntimeError: it did not.
        """
        code = self._process.wait(timeout_s)
        if code != 0:
            raise RuntimeError(f"{self._name} ended with {code}:\n{self.tail()}")

    def wait_any(self, timeout_s: float) -> int:
        """Wait until it ended in any way and return its exit code; negative: the signal."""
        return self._process.wait(timeout_s)

    def stop(self) -> None:
        """End it: politely, then not."""
        if self.running:
            self._process.terminate()
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def tail(self) -> str:
        """Return the end of its output."""
        return self._log.read_text(errors="replace")[-2000:]


@contextlib.contextmanager
def started(command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> Iterator[Process]:
    """Run a process while inside."""
    process = Process(command, log, environment)
    try:
        yield process
    finally:
        process.stop()


def python(*arguments: str) -> list[str]:
    """Return the command that runs a module with this Python."""
    return [sys.executable, "-m", *arguments]


def until(condition: Callable[[], bool], timeout_s: float, what: str, every_s: float = 0.02) -> None:
    """Wait until something holds.

    Raises:
        TimeoutError: it did not within the time.
    """
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"{what}: not within {timeout_s:.0f} s")
        time.sleep(every_s)
