"""`make faults`: 300 faults, 60 alarms through 20 deaths, the seeds printed, and the controls that must fail."""

from __future__ import annotations

import argparse
import secrets
import sys
from pathlib import Path

from tests.faults.harness import run_faults, write
from tests.faults.telling import run_telling

CONTROLS = ("ack-before-commit", "trust-puback")
CONTROL_FAULTS = 8


def main() -> int:
    """Run the suite; 0 when it is clean and every control failed as it must."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--faults", type=int, default=300, help="how many, over all runs")
    parser.add_argument("--per-run", type=int, default=100, help="how many on one chain")
    parser.add_argument("--seed", type=int, default=None, help="first seed; a new one without it")
    parser.add_argument("--alarms", type=int, default=60, help="of which everybody must hear; 0: leave that out")
    parser.add_argument("--deaths", type=int, default=20, help="of the server meanwhile")
    parser.add_argument("--control", choices=CONTROLS, help="run only this control")
    parser.add_argument("--no-controls", action="store_true", help="leave the controls out")
    parser.add_argument("--keep", type=Path, help="leave the last chain's folder here")
    parser.add_argument("--report", type=Path, default=Path("faults.json"), help="raw results (JSON), last run")
    options = parser.parse_args()
    seed = secrets.randbelow(1 << 30) if options.seed is None else options.seed
    print(f"first seed {seed}", flush=True)
    failed = False
    if options.control is None:
        left = options.faults
        while left > 0:
            count = min(left, options.per_run)
            outcome = run_faults(seed, count, keep=options.keep)
            print(outcome.summary(), flush=True)
            write(outcome, options.report)
            failed |= not outcome.clean
            left, seed = left - count, seed + 1
    if options.alarms and options.control is None:
        told = run_telling(seed, options.alarms, options.deaths)
        print(told.summary(), flush=True)
        failed |= not told.clean or told.paged != options.alarms
    for control in () if options.no_controls else (options.control,) if options.control else CONTROLS:
        outcome = run_faults(seed, CONTROL_FAULTS, control)
        print(f"control {control}\n{outcome.summary()}", flush=True)
        lost = outcome.report is not None and outcome.report.lost > 0
        print(f"  {'lost readings, as it must' if lost else 'LOST NOTHING: this suite proves nothing'}", flush=True)
        failed |= not lost
    print("faults: FAILED" if failed else "faults: clean", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
