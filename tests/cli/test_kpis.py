"""`coldchain kpis show`: what it prints of an answer, and which days it asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from coldchain.cli.kpis_show import days_of, lines_of
from coldchain.errors import ConfigError
from dashboards.app import create_app
from tests.alerts.kpi.rows import MINUTE_MS, add_alarm
from tests.dashboards.test_api import House
from tests.dashboards.web import TestClient
from tests.support import T0


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_rate_stands_beside_its_numbers_and_a_missing_one_as_a_dash(tmp_path: Path, language: str) -> None:
    house = House(tmp_path)
    add_alarm(house.alerts, "a", T0, acknowledged_ms=(T0 + 90 * MINUTE_MS // 60,))
    answer = TestClient(create_app(house.sources)).get("/api/v1/kpis?from=2023-11-15&by=site&site=shop-1").json()
    house.close()

    lines = {line.split("  ")[1]: line.split()[-7:] for line in lines_of(answer, language) if line.startswith("  ")}

    names = {one["key"]: one[f"name_{language}"] for one in answer["definitions"]}
    assert lines[names["monitored_share"]] == ["2.0%", "10", "490", "0", "min", "–", "–"]
    assert lines[names["temperature_compliance"]] == ["–", "0", "0", "0", "min", "–", "–"]
    assert lines[names["alarms_per_site_day"]][:4] == ["1.00", "1", "1", "0"]
    assert " 100.0%  1 " in " ".join(list(lines_of(answer, language))).replace("   ", "  ")
    assert "1.5 min" in "".join(lines_of(answer, language))


def test_what_is_no_month_is_refused() -> None:
    with pytest.raises(ConfigError):
        days_of("2026-13")
    assert days_of("2026-11") == {"from": "2026-11-01", "to": "2026-11-30"}
    assert days_of("") == {}
