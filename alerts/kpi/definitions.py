"""What each KPI is, in one sentence of each language: what the API and docs/kpis.md say, and a contract may."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class By(StrEnum):
    """What KPIs are shown by."""

    ALL = "all"
    REGION = "region"
    SITE = "site"
    CARRIER = "carrier"


PLACES = (By.ALL, By.REGION, By.SITE)
EVERYWHERE = tuple(By)
TRIPS = (By.ALL, By.CARRIER)


@dataclass(frozen=True, slots=True)
class Definition:
    """A KPI's name and meaning.

    Attributes:
        unit: of numerator and denominator: ``min``, ``alarms``, ``days``, ``people`` … as ``alarms/days`` where they
            differ.
        by: what it can be shown by.
    """

    key: str
    unit: str
    by: tuple[By, ...]
    name_zh: str
    name_en: str
    zh: str
    en: str


DEFINITIONS = (
    Definition(
        "corrected", "corrections", EVERYWHERE, "整改率", "corrective action taken",
        "整改率 = 已关闭的整改 ÷ 期内提出且已到期或已关闭的整改,报警撤销后不再要求的不计。",
        "Corrective action taken = corrective actions that are closed ÷ those that were asked for and are due or "
        "closed; what a retracted alarm no longer asks for does not count.",
    ),
    Definition(
        "corrected_on_time", "corrections", EVERYWHERE, "按时整改率", "corrective action on time",
        "按时整改率 = 在期限前报告完成的整改 ÷ 期内提出且已到期或已关闭的整改。",
        "Corrective action on time = corrective actions that were said to be done when they were due at the latest ÷ "
        "those that were asked for and are due or closed.",
    ),
    Definition(
        "risks_reported", "risks", PLACES, "发现风险报告率", "risks reported",
        "发现风险报告率 = 已报送的食品安全风险 ÷ 期内登记的食品安全风险。",
        "Risks reported = potential food safety risks whose report went out ÷ those that somebody named.",
    ),
    Definition(
        "monitored_share", "min", PLACES, "监控覆盖率", "monitored share",
        "监控覆盖率 = 有有效温度数据的分钟数 ÷ 应有数据的分钟数,逐测点累加;两次读数相隔超过两个采样间隔的时段无数据,"
        "停业、停用、启用前及无探头的时段不计入,车辆不在此项。",
        "Monitored share = minutes with valid temperature data ÷ minutes in which there should be any, added up over "
        "measuring points; more than two intervals without a reading are without data, time in which the site was "
        "closed or the asset out of service is left out, and vehicles count elsewhere.",
    ),
    Definition(
        "temperature_compliance", "min", PLACES, "温度合规率", "temperature compliance",
        "温度合规率 = 产品温度(只测空气时为估算值)在标签贮存条件之内的分钟数 ÷ 有数据的分钟数,每台设备取一个合规测点;"
        "开门、化霜不扣除,车辆不在此项。",
        "Temperature compliance = minutes in which the product's temperature (an estimate where only air is measured) "
        "lay within the label's condition ÷ minutes with data, one compliance point an asset; open doors and defrosts "
        "are not excused, and vehicles count elsewhere.",
    ),
    Definition(
        "carrier_compliance", "min", TRIPS, "温控合规率", "temperature compliance of trips",
        "温控合规率 = 载货时段内合规分钟数 ÷ 有数据分钟数,运单计入其计划出发的日期(北京时间);全文见承运商月报的定义。",
        "Temperature compliance of trips = minutes within the condition ÷ minutes with data while goods were on board, "
        "of trips by the day (China's time) on which they were planned to begin; a carrier's month has the whole text.",
    ),
    Definition(
        "loaded_monitored_share", "min", TRIPS, "载货监控率", "monitored share of trips",
        "载货监控率 = 载货时段内有数据的分钟数 ÷ 载货分钟数,运单同温控合规率。",
        "Monitored share of trips = minutes with data ÷ minutes with goods on board, of the same trips as their "
        "temperature compliance.",
    ),
    Definition(
        "custody_monitored_share", "min", PLACES, "全时段监控率", "raw milk: share of time watched",
        "全时段监控率 = 生鲜乳自挤奶(无记录则自装奶)至卸奶期间已知温度的分钟数 ÷ 全部分钟数,按奶站,"
        "运单计入其计划出发的日期(北京时间)。",
        "Raw milk's share of time watched = minutes in which its temperature was known ÷ all minutes from milking "
        "(from loading, where nobody said when that was) to unloading, by the station, of trips by the day (China's "
        "time) on which they were planned to begin.",
    ),
    Definition(
        "acknowledged", "alarms", EVERYWHERE, "报警确认(中位、90 分位用时)", "time to acknowledge (p50, p90)",
        "报警确认 = 已有人确认的报警 ÷ 已通知人员的报警,用时自首次决定通知起至首次确认止,未确认的不计入分位数。",
        "Acknowledged = alarms that somebody acknowledged ÷ alarms of which people were told, the time from the first "
        "decision to tell until the first acknowledgement; what nobody acknowledged is in no percentile.",
    ),
    Definition(
        "told", "alarms", EVERYWHERE, "报警送达(中位、90 分位用时)", "time to tell (p50, p90)",
        "报警送达 = 至少一条消息已被通道接收的报警 ÷ 需通知人员的报警,用时自报警产生起至首次被接收止。",
        "Told = alarms of which a provider took at least one message ÷ alarms of which people had to be told, the time "
        "from raising it until the first one was taken.",
    ),
    Definition(
        "alarms_per_site_day", "alarms/days", EVERYWHERE, "每网点每日报警数", "alarms per site and day",
        "每网点每日报警数 = 报警数(不含撤销、合并) ÷ 网点营业日数,按网点当地日期;整日停业的不计。",
        "Alarms per site and day = alarms, without retracted and merged ones, ÷ days of sites by their own clocks; "
        "days on which a site was closed throughout do not count.",
    ),
    Definition(
        "standing", "alarms", EVERYWHERE, "长时报警", "standing alarms",
        "长时报警 = 持续超过 24 小时的报警 ÷ 期内产生的报警。",
        "Standing alarms = alarms whose condition stood for more than 24 h ÷ alarms raised.",
    ),
    Definition(
        "chattering", "alarms", EVERYWHERE, "反复报警", "chattering alarms",
        "反复报警 = 同一测点同一规则 2 小时内第三次及以后的报警 ÷ 期内产生的报警。",
        "Chattering alarms = the third and later ones of one point and rule within 2 h ÷ alarms raised.",
    ),
    Definition(
        "flood_time", "min", EVERYWHERE, "报警泛滥时间", "time in flood",
        "报警泛滥时间 = 网点报警泛滥的分钟数(10 分钟内超过 10 条起,10 分钟内少于 5 条止) ÷ 营业状态分钟数。",
        "Time in flood = minutes in which a site was flooded (from more than 10 alarms in 10 min until fewer than 5) ÷ "
        "minutes in which it was not closed.",
    ),
    Definition(
        "drills_confirmed", "people", (By.ALL,), "演练按时确认率", "drills confirmed in time",
        "演练按时确认率 = 10 分钟内确认的演练消息 ÷ 已发出的演练消息,每人每次一条。",
        "Drills confirmed in time = messages of drills that were confirmed within 10 min ÷ those sent, one a person "
        "and drill.",
    ),
)  # fmt: skip
"""In the order in which they are shown."""
