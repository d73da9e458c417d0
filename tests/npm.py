"""Run npm in the page's folder with whichever Node the page is built with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import hatch_build

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run ``npm <arguments>`` and return its exit code."""
    page = ROOT / "dashboards" / "page"
    node = hatch_build.find_node()
    hatch_build.install(page, node)
    return subprocess.run([*node.npm, *sys.argv[1:]], cwd=page, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
