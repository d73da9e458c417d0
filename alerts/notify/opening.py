"""The notifier of a server, put together from its settings."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from sqlalchemy import Engine

from alerts.history import History
from alerts.notify.channels.port import Channel
from alerts.notify.composing import Composing
from alerts.notify.digest_words import DigestWords, DrillWords
from alerts.notify.digests import Digests
from alerts.notify.directory import Directory
from alerts.notify.drills import Drills
from alerts.notify.notices import Outbox
from alerts.notify.notifier import Notifier
from alerts.notify.people import People
from alerts.notify.pictures import pictures_of
from alerts.notify.recording import Recording
from alerts.notify.sending import Sending
from alerts.notify.store import NotifyStore
from coldchain.clock import Clock
from coldchain.ledger.port import Ledger
from coldchain.notify_settings import NotifySettings
from coldchain.people.builtin import plan_of
from coldchain.registry import Registry


def notifier_of(
    settings: NotifySettings,
    store: NotifyStore,
    channels: Mapping[str, Channel],
    alarms: Engine,
    ledger: Ledger,
    history: History,
    registry: Callable[[], Registry],
    clock: Clock,
) -> Notifier:
    """Return a notifier that reads the outbox of an alarm store.

    Args:
        channels: the settings', opened (`alerts.notify.channels.opening.channels_of`).
        registry: as it stands now.
    """

    def directory() -> Directory:
        return People(registry(), settings.channel_of, clock.now_ms())

    words = DigestWords(registry, settings.base_url, clock.now_ms)
    drill_words = DrillWords(registry, settings.base_url, clock.now_ms)
    outbox = Outbox(alarms)
    return Notifier(
        store,
        outbox,
        directory,
        Composing(registry, outbox.alarms, settings.base_url, clock.now_ms),
        lambda known: Digests(known, alarms, words),
        lambda known: Drills(known, drill_words),
        Sending(
            store,
            channels,
            clock,
            lambda: plan_of(registry()).fallback_s,
            random.Random().random,
            pictures_of(outbox, history, registry, clock.now_ms),
            settings.budgets(),
        ),
        Recording(store, ledger),
        clock,
    )
