"""`coldchain people` and `coldchain notify` as an administrator meets them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coldchain.cli.main import app
from coldchain.errors import ConfigError
from coldchain.ledger.sql import SqlLedger
from coldchain.people import Holiday, Role, Shift
from coldchain.people.builtin import builtin_plan, builtin_text
from coldchain.registry import Change, Registry, registry_at
from tests.people.world import PLACES, ms, person, staff

NIGHT = "2026-11-24T03:00:00+08:00"
NOON = "2026-11-24T12:00:00+08:00"

PUTS = (
    *PLACES,
    *staff("li", Role.CLERK, site="shop", hours="workday 08:00-20:00", wecom="li", quiet="22:00-07:00"),
    *staff("phone", Role.AREA_DUTY, region="cn"),
    *staff("gone", Role.STORE_MANAGER, site="shop", state="left"),
    person("wu", email="wu@example.com", language="en"),
    Shift("wu", Role.QUALITY, ms("2026-11-24T00:00"), ms("2026-11-25T00:00"), region="east"),
    Holiday("2026-11-25"),
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A server's folder with people in its ledger."""
    folder = tmp_path / "data"
    folder.mkdir()
    with closing(SqlLedger.open(folder / "ledger.db")) as ledger:
        ledger.change([Change(one, "test", "test").encode() for one in PUTS], 0)
    return folder


def run(data: Path, *words: str, lang: str = "en") -> list[str]:
    result = CliRunner().invoke(app, [*words, "--data", str(data), "--lang", lang], catch_exceptions=False)
    return result.output.splitlines()


def refused(data: Path, *words: str) -> list[str]:
    result = CliRunner().invoke(app, [*words, "--data", str(data), "--lang", "en"])
    assert isinstance(result.exception, ConfigError)
    return result.exception.faults


def held(data: Path) -> Registry:
    with closing(SqlLedger.open(data / "ledger.db")) as ledger:
        return registry_at(ledger, ledger.end())


def test_people_are_listed_with_roles_and_how_they_are_reached(data: Path) -> None:
    head, li, phone, wu = run(data, "people", "list")

    assert head.split() == ["person", "name", "language", "roles", "reached", "by"]
    assert "store staff shop" in li
    assert "WeCom li → text message 13800000000" in li
    assert "area duty phone cn" in phone
    assert "mail wu@example.com" in wu
    assert [line.split()[0] for line in run(data, "people", "list", "--role", "店员")[1:]] == ["li"]
    assert [line.split()[0] for line in run(data, "people", "list", "--site", "dc")[1:]] == ["phone"]
    assert run(data, "people", "list", "--role", "driver", lang="zh") == ["没有登记的人员符合条件"]


def test_a_person_is_shown_with_everything_on_file(data: Path) -> None:
    shown = run(data, "people", "show", "wu", lang="zh")

    assert "邮箱: wu@example.com" in shown
    assert "语言: 英文" in shown
    assert "值班: 品管 east (2026-11-24T00:00:00+08:00 … 2026-11-25T00:00:00+08:00)" in shown
    assert "人员状态: 离职" in run(data, "people", "show", "gone", lang="zh")
    assert refused(data, "people", "show", "wuu") == ["there is no person wuu; did you mean 'wu'?"]


def test_who_answers_for_a_site_is_shown_role_by_role(data: Path) -> None:
    noon = run(data, "people", "on-duty", "--site", "shop", "--at", NOON)
    night = run(data, "people", "on-duty", "--site", "shop", "--at", NIGHT)
    holiday = run(data, "people", "on-duty", "--site", "shop", "--role", "clerk", "--at", "2026-11-25T12:00:00+08:00")

    assert noon[0] == "Shop (shop) 2026-11-24 12:00 Asia/Shanghai, open"
    assert [line.split("  ")[0] for line in noon[1:]] == ["store staff", "area duty phone", "quality"]
    assert night[0].endswith("closed")
    assert night[1].split() == ["store", "staff", "–"]
    assert holiday[1].split() == ["store", "staff", "–"]
    assert refused(data, "people", "on-duty", "--site", "shp") == ["there is no site shp; did you mean 'shop'?"]
    assert "there is no role clark" in refused(data, "people", "on-duty", "--site", "shop", "--role", "clark")[0]


def test_it_is_said_who_would_hear_when_and_how_and_why_nobody_does(data: Path) -> None:
    night = run(data, "notify", "who", "--site", "shop", "--kind", "open-multideck", "--at", NIGHT)
    noon = run(data, "notify", "who", "--site", "shop", "--kind", "open-multideck", "--at", NOON, lang="zh")
    room = run(data, "notify", "who", "--site", "dc", "--kind", "tanker", "--severity", "critical", "--at", NOON)

    assert night[0] == "Shop (shop), 2026-11-24 03:00 Asia/Shanghai, closed; chain coolers"
    assert night[1] == "the settings name no channels yet: this is as if every way had one"
    assert night[-1] == "where a step finds nobody at all, the next one is due at once and not at the time above"
    night, noon = night[2:-1], noon[2:]
    assert [line.split("  ")[0] for line in night] == [
        "after 0 min 03:00", "after 0 min 03:00", "after 20 min 03:20", "after 45 min 03:45",
    ]  # fmt: skip
    assert "✗ the site is closed then" in night[0]
    assert "Phone (phone)" in night[1]
    assert "voice call 13800000000 → text message 13800000000" in night[1]
    assert "✗ nobody has this role then" in night[3]
    assert "企业微信 li → 短信 13800000000" in noon[0]
    assert room[-1] == "nobody would hear of it"


def test_the_settings_channels_decide_which_ways_there_are_and_which_rooms(data: Path, tmp_path: Path) -> None:
    config = tmp_path / "coldchain.toml"
    config.write_text(
        '[notify.channels.mail]\nkind = "smtp"\nhost = "localhost"\nsender = "a@example.com"\n', encoding="utf-8"
    )
    file = tmp_path / "notify.toml"
    room = '[[rooms]]\nid = "group"\nchannel = "{}"\n'
    file.write_text(builtin_text() + room.format("mial"), "utf-8")
    set_so = ("--config", str(config))

    said = run(data, "notify", "who", "--site", "shop", "--kind", "open-multideck", "--at", NIGHT, *set_so)
    faults = refused(data, "notify", "plan", "check", str(file), *set_so)
    file.write_text(builtin_text() + room.format("mail"), "utf-8")
    checked = run(data, "notify", "plan", "check", str(file), *set_so)

    assert "Phone (phone)  ✗ the server has no channel for any way of the step" in said[2]
    assert said[-1] == "nobody would hear of it"
    assert "'mial' is not known; did you mean 'mail'" in faults[0]
    assert checked[0] == "notify.toml: no faults"
    assert "note: chains 'coolers' steps 2: no channel is configured for any of its ways" in checked


def test_an_unknown_kind_severity_or_site_is_refused_with_what_was_meant(data: Path) -> None:
    assert refused(data, "notify", "who", "--site", "shop", "--kind", "reefr") == [
        "kind reefr is not known; did you mean 'reefer'?"
    ]
    assert "one of notice, warning, critical" in refused(
        data, "notify", "who", "--site", "shop", "--kind", "reefer", "--severity", "loud"
    )[0]  # fmt: skip
    assert refused(data, "notify", "who", "--kind", "reefer")
    assert run(data, "notify", "who", "--kind", "server", "--at", NOON)[0].startswith("server, 2026-11-24 12:00")


def test_the_built_in_plan_is_shown_until_another_was_imported(data: Path, tmp_path: Path) -> None:
    shown = run(tmp_path, "notify", "plan", "show", lang="zh")

    assert shown[0] == "内置方案(尚未导入自己的方案)"
    assert "coolers: 玻璃门冷藏柜, 敞开式立柜, 岛柜" in shown
    assert not (tmp_path / "ledger.db").exists()
    assert "\n".join(run(data, "notify", "plan", "show", "--toml")) + "\n" == builtin_text()


def test_a_plan_is_previewed_with_its_differences_and_written_whole_when_asked(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "notify.toml"
    file.write_text(builtin_text().replace("after_min = 45", "after_min = 30", 1), "utf-8")

    preview = run(data, "notify", "plan", "import", str(file))
    assert [line[:29] for line in preview if line[0] in "+-"] == [
        "- chains 'coolers' steps 4: {",
        "+ chains 'coolers' steps 4: {",
    ]
    assert "note: nobody has the role store manager (store-manager)" in preview
    assert preview[-1] == "this is a preview, nothing was written; --yes writes it"
    assert held(data).notify_plan is None

    assert run(data, "notify", "plan", "import", str(file), "--yes")[-1] == "1 entries written"
    plan = held(data).notify_plan
    assert plan is not None
    assert [step.after_min for step in plan.chains[0].steps] == [0, 0, 20, 30]
    assert plan.chains[1:] == builtin_plan().chains[1:]
    assert run(data, "notify", "plan", "import", str(file), "--yes") == [
        "the plan in force is so already; nothing to write"
    ]
    assert run(data, "notify", "plan", "show")[0] == "the plan that was imported"

    exported = tmp_path / "again.toml"
    exported.write_text("\n".join(run(data, "notify", "plan", "show", "--toml")), "utf-8")
    assert "nothing to write" in run(data, "notify", "plan", "import", str(exported))[0]


def test_a_bad_plan_is_refused_with_every_fault_and_the_plan_in_force_stays(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "notify.toml"
    file.write_text(builtin_text().replace('"clerk"', '"clark"', 1).replace('"voice"', '"pigeon"', 1), "utf-8")

    for command in ("check", "import"):
        faults = refused(data, "notify", "plan", command, str(file))
        assert len(faults) == 3
        assert "no role 'clark'; did you mean 'clerk'" in faults[0]
        assert "'pigeon' is not known" in faults[1]
        assert faults[2] == "2 faults; nothing was written"
    assert held(data).notify_plan is None
    assert "none.toml: cannot be read" in refused(data, "notify", "plan", "check", str(tmp_path / "none.toml"))[0]


def test_a_good_plan_is_said_to_be_good_and_what_is_odd_is_named(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "notify.toml"
    file.write_text(builtin_text(), "utf-8")

    said = run(data, "notify", "plan", "check", str(file), lang="zh")

    assert said[0] == "notify.toml: 没有错误"
    assert "注意: 没有人担任 店长(store-manager)" in said
