"""Alarms come and go, the server dies at any statement, providers drop replies: everybody is told, nobody twice."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest

from tests.alerts.notify.killing import CLERK, MANAGER, KilledDesk, outbox_apart

COOLERS, MINUTES, RATE = 70, 300, 0.002


async def lived(folder: Path, seed: int, *, apart: bool = False) -> KilledDesk:
    desk = KilledDesk(folder, seed, coolers=COOLERS, rate=RATE)
    points = patch.multiple("alerts.notify.notifier", crash_point=desk.maybe_die)
    sends = patch.multiple("alerts.notify.sending", crash_point=desk.maybe_die)
    with points, sends:
        if apart:
            with outbox_apart(desk):
                await desk.live(MINUTES, COOLERS)
                await desk.end(COOLERS)
        else:
            await desk.live(MINUTES, COOLERS)
            await desk.end(COOLERS)
    return desk


@pytest.mark.parametrize("seed", [1, 2])
async def test_everybody_is_told_and_nobody_twice(tmp_path: Path, seed: int) -> None:
    desk = await lived(tmp_path, seed)

    paged, delivered = desk.paged(), desk.delivered()
    assert len(paged) >= 60
    assert desk.restarts >= 20
    assert {alarm for alarm, receiver in delivered if receiver == CLERK} == paged
    assert len(desk.long_unanswered()) >= 10
    assert desk.long_unanswered() <= {alarm for alarm, receiver in delivered if receiver == MANAGER}
    assert desk.never_told_over() == []
    assert desk.sent_twice() <= desk.replies_lost() + desk.restarts
    desk.close()


async def test_control_an_outbox_outside_the_transaction_loses_alarms(tmp_path: Path) -> None:
    desk = await lived(tmp_path, 1, apart=True)

    assert {alarm for alarm, receiver in desk.delivered() if receiver == CLERK} < desk.paged()
    desk.close()
