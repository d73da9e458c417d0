"""What is used of Apprise."""

from __future__ import annotations

import threading

from tests.alerts.notify.fakes.modes import Mode


class FakeNotifier:
    """What is used of Apprise."""

    def __init__(self) -> None:
        self.mode = Mode.ACCEPT
        self.told: list[tuple[str, str]] = []
        self.added: list[str] = []
        self.over = threading.Event()

    def add(self, servers: str) -> bool:
        self.added.append(servers)
        return "://" in servers

    def notify(self, body: str, title: str) -> bool | None:
        if self.mode is Mode.HANG:
            self.over.wait(10)
        if self.mode is Mode.FAIL:
            raise RuntimeError("tgram://apprise-secret")
        if self.mode is Mode.ACCEPT:
            self.told.append((title, body))
        return {Mode.ACCEPT: True, Mode.GARBAGE: None}.get(self.mode, False)
