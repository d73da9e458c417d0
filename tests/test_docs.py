"""Documents as tests: what README and `docs/` name exists, and what the program has stands in them.

A word that code can say to other people's software (setting, refusal, quarantine reason, counter, crash point …) is
collected from the code itself, so a new one fails here until a reader can look it up.
"""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import re
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import cast

import msgspec
import pytest
import typer
from pydantic import BaseModel

import alerts.lifecycle
import alerts.records
import coldchain.registry
import coldchain.registry.changes
import coldchain.senml.reading
import dashboards.correction_models
import dashboards.kpi_models
import dashboards.lot_models
import dashboards.models
import dashboards.paper_models
import dashboards.recall_models
import dashboards.trip_models
import gateway.hearing
import gateway.outbox
import gateway.sender
import gateway.service
import ingest.intake
from coldchain import crash, people, senml, settings, topics
from coldchain.cli.main import app as command_line
from coldchain.readings import QUALITY_WORDS, Quality
from dashboards.app import create_app
from dashboards.live import Frame
from dashboards.sources import Sources
from gateway.formats import FORMATS, sentinels
from gateway.formats.lorawan import MODEL_IDS
from tests.faults.plan import CRASHES
from tests.faults.telling import POINTS

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("coldchain", "gateway", "ingest", "alerts", "firmware_sim", "dashboards")
README_LINES = 150
DECISION_LINES = 60
DECISION_PARTS = ("## Objective", "## Decision", "## Is", "## Is not", "## Evidence")
MADE_AT_RUN_TIME = ("coldchain-demo/", "coldchain-data/", "faults.json")


@cache
def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def documents() -> list[str]:
    found = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))
    return ["README.md", "CHANGELOG.md", *found]


def sources_of(packages: Iterable[str] = PACKAGES) -> Iterator[Path]:
    for package in packages:
        yield from sorted(path for path in (ROOT / package).rglob("*.py") if "node_modules" not in path.parts)


def fenced(text: str) -> list[str]:
    return re.findall(r"^```\w*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def quoted(name: str) -> set[str]:
    """Return everything between single backticks outside code blocks."""
    return set(re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", text_of(name), flags=re.MULTILINE | re.DOTALL)))


@pytest.mark.parametrize("name", documents())
def test_no_word_in_code_letters_is_broken_over_two_lines(name: str) -> None:
    text = re.sub(r"^```.*?^```$", "", text_of(name), flags=re.MULTILINE | re.DOTALL)

    assert not [line for line in text.splitlines() if line.count("`") % 2]


def assert_named(words: Iterable[str], document: str, what: str) -> None:
    """Fail with every word that does not stand between backticks in a document."""
    missing = sorted(set(words) - quoted(document))
    assert not missing, f"{document} does not name the {what} {', '.join(missing)}"


# -- the README -----------------------------------------------------------------------------------------------


def test_the_readme_is_read_in_one_sitting() -> None:
    assert len(text_of("README.md").splitlines()) <= README_LINES


def paths_in(name: str) -> set[str]:
    """Return what looks like a path of this project: a folder ends with a slash, a file with its kind."""
    looks = re.compile(r"(?:\.?[A-Za-z_][\w.-]*/)+(?:[\w.-]+)?|[\w-]+\.(?:py|md|toml)")
    return {word.split("::")[0] for word in quoted(name) if looks.fullmatch(word.split("::")[0])}


def exists(path: str) -> bool:
    return path.rstrip("/") in {made.rstrip("/") for made in MADE_AT_RUN_TIME} or (ROOT / path).exists()


@pytest.mark.parametrize("name", documents())
def test_every_path_that_a_document_names_exists(name: str) -> None:
    missing = sorted(path for path in paths_in(name) - {topics.SERVER_STATUS} if not exists(path))

    assert not missing, f"{name}: {missing}"
    assert name != "README.md" or len(paths_in(name)) > 20, "the paths of README.md are not recognised"


def test_every_box_of_the_picture_names_a_place_that_exists() -> None:
    picture = fenced(text_of("README.md"))[0]

    places = set(re.findall(r"\b(?:[a-z_]+/)+(?:[a-z_]+\.py)?", picture))

    assert len(places) > 10
    assert not [place for place in sorted(places) if not (ROOT / place).exists()]
    for package in PACKAGES:
        assert any(place.startswith(package) for place in places), f"the picture does not show {package}"


@pytest.mark.parametrize("name", documents())
def test_every_test_that_a_document_names_exists(name: str) -> None:
    named = sorted(word for word in quoted(name) if "::" in word and word.startswith("tests/"))

    for word in named:
        file, _, test = word.partition("::")
        assert re.search(rf"^\s*(async )?def {test}\(", text_of(file), re.MULTILINE), f"{name}: {word}"


def test_every_promise_names_a_test() -> None:
    rows = [line for line in text_of("README.md").splitlines() if re.match(r"\| .* \| .* \| `tests/", line)]

    assert len(rows) >= 10


@pytest.mark.parametrize("name", documents())
def test_every_link_between_documents_leads_somewhere(name: str) -> None:
    home = (ROOT / name).parent
    for target in re.findall(r"\]\(([^)]+)\)", text_of(name)):
        file, _, place = target.partition("#")
        if file.startswith("https://"):
            continue
        assert (home / file).exists(), f"{name}: {target}"
        if place:
            titles = re.findall(r"^#+ (.*)$", (home / file).read_text("utf-8"), re.MULTILINE)
            assert place in {title.lower().replace(" ", "-") for title in titles}, f"{name}: {target}"


def test_every_make_command_exists() -> None:
    rules = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))

    for name in documents():
        written = [*fenced(text_of(name)), *quoted(name)]
        for target in re.findall(r"^make ([a-z]+)", "\n".join(written), re.MULTILINE):
            assert target in rules, f"{name}: make {target}"


# -- what other people's software relies on -------------------------------------------------------------------


def test_every_setting_stands_in_the_contracts_with_its_default() -> None:
    rows = [f"| `{name}` | {f'`{default}`' if default else '(empty)'} | {meaning} |" for name, default, meaning in
            settings.explain()]  # fmt: skip

    missing = [row for row in rows if row not in text_of("docs/contracts.md").splitlines()]
    assert not missing, "docs/contracts.md, Settings, lacks:\n" + "\n".join(missing)


def test_every_topic_stands_in_the_contracts() -> None:
    made = [make("{node}") for make in (topics.data, topics.ack, topics.status)]

    assert_named([*made, topics.site_data("{node}", "{sensor}"), topics.SERVER_STATUS], "docs/contracts.md", "topic")


def commands_of(app: typer.Typer, before: str = "coldchain") -> Iterator[str]:
    for command in app.registered_commands:
        assert command.callback is not None
        yield f"{before} {command.name or command.callback.__name__}"
    for group in app.registered_groups:
        assert group.typer_instance is not None
        if group.typer_instance.registered_callback is not None:  # says something without a sub-command
            yield f"{before} {group.name}"
        yield from commands_of(group.typer_instance, f"{before} {group.name}")


def test_every_command_stands_in_the_contracts() -> None:
    commands = list(commands_of(command_line))

    assert len(commands) > 10
    assert_named(commands, "docs/contracts.md", "command")


def test_no_document_names_a_command_that_does_not_exist() -> None:
    known = {tuple(command.split()) for command in commands_of(command_line)}
    groups = {command[:2] for command in known if len(command) > 2}
    known |= {command[:3] for command in known if len(command) > 3}

    for name in documents():
        for word in quoted(name):
            parts = tuple(word.split())
            if parts[0] == "coldchain" and len(parts) > 1 and parts[1] != "rebuild":
                assert parts[:3] in known if parts[:2] in groups else parts[:2] in known, f"{name}: {word}"


def test_every_refusal_stands_in_the_contracts() -> None:
    said = set(re.findall(r'refuse = "([a-z-]+)"', inspect.getsource(ingest.intake)))
    said |= set(re.findall(r'now_ms\(\), "([a-z-]+)"\)', inspect.getsource(ingest.intake)))
    whys = set(re.findall(r'NewEpoch\("([a-z-]+)"', inspect.getsource(gateway.sender)))
    whys |= set(re.findall(r'NewEpoch\("([a-z-]+)"', inspect.getsource(gateway.outbox)))

    assert {"seal", "fork", "behind", "version"} <= said
    assert {"ahead", "hash", "damaged"} <= whys
    assert_named(said | whys, "docs/contracts.md", "refusal")


def test_every_quarantine_reason_stands_in_the_contracts() -> None:
    reasons = set(re.findall(r'return "([a-z-]+)"', inspect.getsource(coldchain.registry.Registry._refusal)))
    reasons |= set(re.findall(r'else "([a-z-]+)"', inspect.getsource(coldchain.registry.Registry._refusal)))
    reasons |= set(re.findall(r'\((?:place|index\[row\]), "([a-z-]+)"', inspect.getsource(senml.reading)))
    for path in sources_of():
        reasons |= set(re.findall(r'(?:RejectedReading|\.reject)\(\s*"([a-z-]+)"', path.read_text("utf-8")))

    assert {"unknown-channel", "foreign-channel", "untimed", "bad-time", "no-value", "bad-senml", "bad-json"} <= reasons
    assert_named(reasons, "docs/contracts.md", "quarantine reason")


def test_every_format_and_every_fault_word_stands_in_the_devices() -> None:
    formats = {name.replace(name.partition(":")[2] or "-", "MODEL") if ":" in name else name for name in FORMATS}
    words = {row.word for row in sentinels.SENTINELS.values()} | {sentinels.NO_VALUE, sentinels.NO_FIX}

    assert_named(formats | words | set(MODEL_IDS), "docs/devices.md", "format, model or word")


def test_every_confession_stands_in_the_contracts() -> None:
    sources = inspect.getsource(gateway.service) + inspect.getsource(gateway.hearing)
    words = set(re.findall(r'confess(?:\(|, )f?"([a-z-]+)', sources))

    assert {"boot", "clock-set", "refused-for-space"} <= words
    named = {word.split(":")[0] for word in quoted("docs/contracts.md")}
    assert not words - named, f"docs/contracts.md does not name {sorted(words - named)}"


def test_every_quality_stands_in_the_contracts_with_its_bit() -> None:
    rows = [line for line in text_of("docs/contracts.md").splitlines() if re.match(r"\| \d+ \|", line)]

    assert {int(row.split("|")[1]) for row in rows} == {int(flag) for flag in Quality}
    for flag, word in QUALITY_WORDS.items():
        assert any(row.startswith(f"| {int(flag)} | `{word}` |") for row in rows), word


def test_every_change_entry_stands_in_the_contracts_with_its_fields() -> None:
    kinds = coldchain.registry.changes.Put.__args__

    for kind in kinds:
        tag = kind.__struct_config__.tag
        row = next(line for line in text_of("docs/contracts.md").splitlines() if line.startswith(f"| `{tag}` | `"))
        assert not [field.name for field in msgspec.structs.fields(kind) if f"`{field.name}`" not in row], tag


def test_every_word_of_a_plan_stands_in_its_document() -> None:
    shapes = (people.NotifyPlan, people.Chain, people.Step, people.Room, people.Digest)
    fields = {field.name for shape in shapes for field in msgspec.structs.fields(shape)}

    named = " ".join(quoted("docs/notify.md"))
    words = [*people.Role, *people.WAYS, *people.WHEN, *people.NO_ASSET, *fields]
    missing = [word for word in words if not re.search(rf"(?<![\w-]){word}(?![\w-])", named)]
    assert not missing, f"docs/notify.md does not name {', '.join(missing)}"


def test_every_word_of_an_alarm_stands_in_the_contracts() -> None:
    kinds = (alerts.lifecycle.AlarmState, alerts.lifecycle.Trigger, alerts.lifecycle.Telling)

    words = [str(word) for kind in kinds for word in kind]
    words += [str(word) for word in alerts.lifecycle.TellingReason]
    words += [reason.name.lower().replace("_", "-") for reason in alerts.records.EndReason if reason]
    assert_named(words, "docs/contracts.md", "word of an alarm")


def test_every_address_of_the_server_stands_in_the_contracts() -> None:
    routes = create_app(cast(Sources, None)).routes

    paths = {path for path in (getattr(route, "path", "") for route in _flat(routes)) if path}
    assert {"/api/v1/health", "/api/v1/live", "/healthz"} <= paths
    assert_named(paths, "docs/contracts.md", "address")


def _flat(routes: Iterable[object]) -> Iterator[object]:
    """Yield routes, also those that an included router keeps to itself."""
    for route in routes:
        inner = getattr(getattr(route, "original_router", None), "routes", None)
        if inner is not None:
            yield from _flat(inner)
        else:
            yield route


def test_every_field_of_an_answer_stands_in_the_contracts() -> None:
    modules = (
        dashboards.models,
        dashboards.kpi_models,
        dashboards.correction_models,
        dashboards.lot_models,
        dashboards.paper_models,
        dashboards.recall_models,
        dashboards.trip_models,
    )
    kinds = [kind for module in modules for kind in vars(module).values()]
    shapes = [kind for kind in kinds if inspect.isclass(kind) and issubclass(kind, BaseModel)]
    fields = {
        field.serialization_alias or field.alias or name
        for shape in shapes
        for name, field in shape.model_fields.items()
    }

    assert len(fields) > 50
    assert_named(fields | set(Frame.__struct_fields__), "docs/contracts.md", "field")


def counters_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Counters":
            yield from (one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str))


def test_every_counter_stands_in_the_contracts() -> None:
    counters = {name for path in sources_of() for name in counters_of(path)}

    assert {"received", "appended", "written", "held"} <= counters
    assert_named(counters, "docs/contracts.md", "counter")


def test_every_constant_in_the_contracts_has_the_value_that_stands_there() -> None:
    rows = re.findall(r"^\| `([\w.]+)\.([A-Z_]+)` \| ([\d.]+) \|", text_of("docs/contracts.md"), re.MULTILINE)

    section = text_of("docs/contracts.md").partition("## Limits and constants")[2].partition("\n## ")[0]
    assert len(rows) == section.count("\n| `") > 20, "a row that is not read"
    for module, name, value in rows:
        assert getattr(importlib.import_module(module), name) == ast.literal_eval(value), f"{module}.{name}"


def test_every_import_contract_names_rooms_that_exist() -> None:
    for package in PACKAGES:
        assert f"`{package}`" in text_of("docs/contracts.md").partition("## Import contracts")[2], package


# -- how it behaves -------------------------------------------------------------------------------------------


def test_every_crash_point_stands_in_the_flow_and_is_passed_by_the_fault_suite() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| `([\w/.]+)`", text_of("docs/flow.md"), re.MULTILINE)

    assert {name for name, _ in rows} == set(crash.POINTS) == {*CRASHES, *POINTS}
    for name, file in rows:
        assert f'crash_point("{name}")' in text_of(file), f"{name} does not lie in {file}"


def test_every_function_that_the_flow_places_in_a_file_is_there() -> None:
    placed = re.findall(r"`([\w/]+\.py)`\s+`([\w.]+)`", text_of("docs/flow.md"))

    assert len(placed) > 10
    for file, name in placed:
        assert re.search(rf"(def|class) {name.rpartition('.')[2]}\b", text_of(file)), f"{file}: {name}"


def test_every_decision_is_short_and_whole() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))

    numbers = [int(path.name[:4]) for path in decisions]
    assert numbers == list(range(1, len(decisions) + 1))
    for path in decisions:
        lines = path.read_text("utf-8").splitlines()
        assert len(lines) <= DECISION_LINES, path.name
        assert [line for line in lines if line.startswith("## ")] == list(DECISION_PARTS), path.name
        assert lines[0].startswith(f"# {path.name[:4]} "), path.name


# -- what is under version control ----------------------------------------------------------------------------

FORBIDDEN = {
    "a lock file names where a package came from": r'"resolved": ' + '"http',
    "an index address": r"https?://(?:pypi|files\.python" + r"hosted|registry\.npm)",
    "a path of one machine": r"(?<![\w.])/(?:work|home|root|Users)/" + r"\w|(?<![\w.])/tmp" + r"/\w|\.\./shared",
}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("no git checkout: nothing says what is under version control")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def test_nothing_under_version_control_depends_on_one_machine_or_one_index() -> None:
    found = []
    for path in tracked():
        if path.is_file():
            text = path.read_text("utf-8", errors="replace")
            found += [f"{path.relative_to(ROOT)}: {what}" for what, sign in FORBIDDEN.items() if re.search(sign, text)]

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text", ['  "resol' + 'ved": "https://x"', "see /wo" + "rk/main", "cd /tm" + "p/x", "https://py" + "pi.org/simple"]
)
def test_control_what_must_not_stand_there_is_recognised(text: str) -> None:
    assert any(re.search(sign, text) for sign in FORBIDDEN.values())


# -- examples in docstrings -----------------------------------------------------------------------------------


def modules_with_examples() -> list[str]:
    return [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in sources_of()
        if ">>> " in path.read_text("utf-8")
    ]


@pytest.mark.parametrize("name", modules_with_examples())
def test_every_example_in_a_docstring_runs(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))

    assert result.attempted
    assert not result.failed
