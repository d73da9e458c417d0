"""`rebuild alarms`: judge the whole ledger again and keep every alarm's id."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.history import History, LedgerHistory
from alerts.judge import Judge
from alerts.store import AlertStore
from coldchain.batches import BatchDecoder
from coldchain.clock import Clock
from coldchain.ledger.port import Ledger
from coldchain.projection import catch_up


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did.

    Attributes:
        position: ledger position reached.
        changes: alarms written because the new judgement differs.
        waiting: points not judged because the history does not cover the ledger yet; 0 with the ledger's own.
    """

    position: int
    changes: int
    waiting: int


def rebuild_alarms(store: AlertStore, ledger: Ledger, clock: Clock, history: History | None = None) -> Rebuilt:
    """Judge every point from its first reading on, and every trip, and reconcile the alarms.

    Late samples count, however old they are. Nothing else may follow the ledger with this store meanwhile (the cursor
    refuses).

    Args:
        history: where samples are read; by default the ledger itself, 28 bytes of memory a reading.
    """
    decode = BatchDecoder()
    judge = Judge(store, ledger, history or LedgerHistory(ledger, decode), clock, decode)
    before = store.counter("changed")
    catch_up(judge, ledger)
    judge.judge_all_again()
    judge.settle()
    return Rebuilt(judge.cursor, store.counter("changed") - before, judge.waiting)
