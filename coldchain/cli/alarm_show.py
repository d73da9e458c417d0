"""One alarm as a person reads it: where it stands, the evidence of its episode, what was done; zh and en."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from coldchain.cli.replay_words import SEVERITY_WORDS, SYMBOLS, rule_word
from coldchain.profiles.words import word

SAID = {
    "zh": {
        "span": "{onset} 至 {ended},{minutes} 分钟", "open": "未结束",
        "values": "限值 {limit},最高(低) {peak},平均 {mean}", "rule": "判定依据 {rule_version}",
        "held": "超限 {exposed} 分钟,其中有理由 {excused} 分钟;无数据 {hole} 分钟;超限读数 {samples} 个",
        "area": "超限面积 {area:g} 度·分钟",
        "dose": "相当于在模型参考温度下 {dose:.1f} 小时的细菌生长(模型 {model}),仅供参考",
        "kinetic": "平均动力学温度 {kinetic:.1f} °C(ΔH/R = 10000 K),仅供参考,不抵消超温",
    },
    "en": {
        "span": "{onset} to {ended}, {minutes} min", "open": "open",
        "values": "limit {limit}, peak {peak}, mean {mean}", "rule": "judged by {rule_version}",
        "held": "out for {exposed} min, {excused} of them excused; no data for {hole} min; {samples} readings out",
        "area": "{area:g} degree-minutes beyond the limit",
        "dose": "growth as in {dose:.1f} h at the model's reference temperature (model {model}), for information",
        "kinetic": "mean kinetic temperature {kinetic:.1f} °C (ΔH/R = 10,000 K), for information: cancels no breach",
    },
}  # fmt: skip


def lines_of(item: Mapping[str, Any], language: str) -> Iterator[str]:
    """Yield the lines of an alarm as `/api/v1/alarms/{alarm}` answers it."""
    say = SAID[language]
    severity = word(SEVERITY_WORDS, item["severity"], language)
    yield f"{item['point']}  {rule_word(item['rule'], language)}  {severity}  {item['state']}"
    ended = say["open"] if item["ended"] is None else item["ended"]
    yield say["span"].format(onset=item["onset"], ended=ended, minutes=item["duration_s"] // 60)
    yield say["values"].format(**{name: value_of(item[name], item["unit"]) for name in ("limit", "peak", "mean")})
    exposed, excused, hole = (item[name] // 60 for name in ("exposed_s", "suppressed_s", "hole_s"))
    yield say["held"].format(exposed=exposed, excused=excused, hole=hole, samples=item["samples"])
    if item["dose_h"] is not None:
        yield say["area"].format(area=item["excess_kelvin_min"])
        yield say["dose"].format(dose=item["dose_h"], model=item["dose_model"])
        yield say["kinetic"].format(kinetic=item["kinetic_mean_celsius"])
    yield say["rule"].format(rule_version=item["rule_version"])
    for step in item["transitions"]:
        yield f"  {step['at']}  {step['from']} → {step['to']}  {step['reason']}  {step['who']}"


def value_of(value: float | None, unit: str) -> str:
    """Return a number with its unit's sign, a dash for none."""
    return "-" if value is None else f"{value:.1f} {SYMBOLS.get(unit, unit)}".strip()
