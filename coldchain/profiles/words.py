"""What profiles say in Chinese and English: names of numbers, statuses, and why a number was chosen."""

from __future__ import annotations

from coldchain.profiles.choosing import Chosen, Step
from coldchain.profiles.structs import Sourced

NAMES = {
    "target_low": ("贮存条件下限", "storage condition, low"),
    "target_high": ("贮存条件上限", "storage condition, high"),
    "warning_high": ("警告上限", "warning, high"),
    "critical_high": ("严重上限", "critical, high"),
    "confirmed_high": ("确认即严重", "critical once confirmed"),
    "freeze_warning": ("结冰警告", "freezing, warning"),
    "freeze_critical": ("结冰严重", "freezing, critical"),
    "pack_time_constant": ("包装时间常数", "pack's time constant"),
    "shelf_life": ("保质期(典型)", "shelf life, typical"),
    "dose_reference": ("剂量参考温度", "dose's reference"),
    "warning_on_delay": ("警告报警延时", "on-delay, warning"),
    "critical_on_delay": ("严重报警延时", "on-delay, critical"),
    "return_delay": ("恢复延时", "return delay"),
    "deadband": ("回差", "deadband"),
    "deadband_frozen": ("回差(冷冻)", "deadband, frozen"),
    "confirm_samples": ("确认样本数", "confirming samples"),
    "silence_record": ("无数据记录", "silence, recorded"),
    "silence_page": ("无数据报警", "silence, told"),
    "probes_silent": ("有定位无温度报警", "silence of all probes, position known, told"),
    "door_tolerance": ("开门容许", "door tolerated"),
    "door_left_open": ("门未关提醒", "door left open"),
    "defrost_longest": ("化霜最长", "defrost, longest"),
    "defrost_recovery": ("化霜后恢复", "recovery after defrost"),
    "defrosts_a_day": ("每日化霜次数", "defrosts a day"),
    "loading_longest": ("装货停机最长", "loading, unit off"),
    "pull_down": ("开机降温", "pull-down"),
    "pull_down_after": ("停机多久后算开机", "pull-down after off for"),
    "own_margin": ("超出自身常态", "beyond its own normal"),
    "own_provisional": ("超出自身常态(学习中)", "beyond its own normal, provisional"),
    "own_worse": ("再升高即再次报警", "worse: told again"),
    "own_short": ("常态时长(短)", "normal, short"),
    "own_middle": ("常态时长(中)", "normal, middle"),
    "own_long": ("常态时长(长)", "normal, long"),
    "product_over": ("产品高于贮存条件", "product above its condition"),
    "product_on_delay": ("产品报警延时", "on-delay, product"),
    "air_over": ("空气高于贮存条件", "air above the condition"),
    "air_on_delay": ("空气报警延时", "on-delay, air"),
    "learning_days": ("学习天数", "days of learning"),
    "learning_least": ("学习至少天数", "days of learning, at least"),
    "learning_calm": ("与最平稳日相差", "above the calmest day"),
    "learning_cap": ("学习期上限", "no normal above the condition by"),
    "learning_over": ("学习期空气高于贮存条件", "air above the condition while learning"),
    "learning_on_delay": ("学习期报警延时", "on-delay while learning"),
    "weak_over": ("能力不足:产品高于贮存条件", "weak: product above its condition"),
    "weak_minutes": ("能力不足:每日超过", "weak: longer a day than"),
    "weak_days": ("能力不足:天数", "weak: days"),
    "weak_of_days": ("能力不足:统计天数", "weak: of days"),
    "not_recovered": ("离站后未恢复", "not recovered after a stop"),
    "not_recovered_after": ("离站后恢复时限", "to recover after a stop"),
    "mains_lost": ("断电", "mains lost"),
    "unit_off": ("机组停机", "unit off"),
    "set_point_wrong": ("设定温度不对", "set point wrong"),
    "parked_after": ("停机静止多久算停放", "parked: off and standing for"),
    "rise": ("半小时升温", "rise within half an hour"),
    "plausible_low": ("可信下限", "plausible, low"),
    "plausible_high": ("可信上限", "plausible, high"),
    "jump": ("每分钟最大变化", "largest change a minute"),
    "apart": ("同位置两探头相差", "two probes apart"),
    "apart_after": ("两探头相差报警延时", "two probes apart for"),
    "wash": ("清洗温度", "washing from"),
    "wash_hot": ("清洗计时温度", "washing counts from"),
    "wash_done": ("清洗后视为进奶", "filled after washing"),
    "late_tolerance": ("晚点容许", "late: tolerance"),
    "late_share": ("晚点容许占计划时间", "late: share of the planned time"),
    "late_chance": ("预计晚点的把握", "told when late with a chance of"),
    "late_chance_early": ("预计晚点的把握(一小时以前)", "told an hour ahead with a chance of"),
    "stopped_after": ("途中停留过久", "stopped on the way for"),
    "road_factor": ("道路里程与直线距离之比", "road to great circle"),
    "off_route": ("偏离计划路线", "off the planned way by"),
    "off_route_after": ("偏离报警延时", "off the planned way for"),
    "distance_over": ("里程超出计划", "driven more than planned by"),
    "gap": ("定位中断", "no position for"),
    "waiting_longest": ("排队待卸最长", "waiting at the receiver, longest"),
    "cooled_to": ("挤奶后降温至", "cooled after milking to"),
    "cooled_within": ("挤奶后降温时限", "cooled after milking within"),
    "loading_age_warning": ("装奶时奶龄警告", "age at loading, warning"),
    "loading_age": ("装奶时奶龄上限", "age at loading, limit"),
    "processing_age": ("接收时奶龄上限", "age when accepted, limit"),
    "arrival_warning": ("到厂奶温警告", "milk on arrival, warning"),
    "arrival_reject": ("到厂奶温建议拒收", "milk on arrival, refusal suggested"),
    "dose_warning": ("晚点折算奶龄警告", "delay as ageing, warning"),
    "dose_critical": ("晚点折算奶龄严重", "delay as ageing, critical"),
}

STATUS_WORDS = {
    "verified": ("已核对原文", "verified"),
    "secondary": ("转引", "secondary"),
    "unverified": ("未核对", "unverified"),
    "assumed": ("设计值", "assumed"),
    "computed": ("计算值", "computed"),
}

STORAGE_WORDS = {"chilled": ("冷藏", "chilled"), "frozen": ("冷冻", "frozen"), "ambient": ("常温", "ambient")}

_STEPS = {
    "jurisdiction": ("{what} 限值", "limits of {what}"),
    "default-jurisdiction": ("{what} 默认限值", "default limits ({what})"),
    "label": ("标签“{what}”", "label “{what}”"),
    "position": ("位置 {what}", "position {what}"),
    "kind": ("资产类型 {what}", "kind {what}"),
}


def word(words: dict[str, tuple[str, str]], code: str, language: str) -> str:
    """Return a code's word; the code itself where there is none."""
    return words[code][0 if language == "zh" else 1] if code in words else code


def number(value: Sourced | Chosen) -> str:
    """Return a number with its unit.

    >>> from coldchain.profiles.structs import Celsius
    >>> number(Celsius(celsius=6.50, status="assumed", source="design"))
    '6.5 °C'
    """
    return f"{value.value:.15g} {value.unit}".strip()


def reason(chosen: Chosen, language: str) -> str:
    """Return which rules chose a number, and by how much they moved it."""
    return " → ".join(_step(step, language) for step in chosen.by)


def _step(step: Step, language: str) -> str:
    said = _STEPS[step.rule][0 if language == "zh" else 1].format(what=step.what)
    return f"{said} {step.kelvin:+g} K" if step.kelvin else said
