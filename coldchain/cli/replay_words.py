"""What `coldchain alerts replay` says, in Chinese and English."""

from __future__ import annotations

from coldchain.profiles.words import word

SAID = {
    "zh": {
        "span": "{begin} 至 {end}:{assets} 台设备,{points} 个测点,{readings} 条读数",
        "kind": "设备类型", "rule": "规则", "episodes": "报警次数", "pages": "通知次数", "total": "合计",
        "above": "高于贮存条件(分钟)", "below": "低于贮存条件(分钟)",
        "untold": "高于贮存条件 {hours} 小时以上而无人被通知",
        "standing": "区间之前已开始、未计入", "none": "没有差异", "more": "  … 另有 {n} 处(--all 列出全部)",
        "paged": "已通知", "now": "原", "then": "新", "new": "新增", "gone": "不再出现", "severer": "级别升高",
        "milder": "级别降低", "earlier": "提前", "later": "推后", "split": "一次变为多次", "joined": "多次合为一次",
        "differs": "数值不同", "minutes": "{n} 分钟", "open": "未结束",
        "by hand": "{n} 个测点按人工设定的限值报警,档案中的报警限值对其无效",
        "same": "{file}: 与现行档案相同", "changed": "{file}: {id} {key}: {old} → {new}",
        "left": "未计入:数据中断与时钟报警、人员操作(确认、暂缓、停用)、迟到的读数;通知次数按每条读数准时到达估算",
        "nothing": "仅为试算:未写入任何内容,现行规则照常有效",
        "faults": "共 {n} 处错误,未作任何试算,现行规则照常有效",
        "check": "核对记录:{episodes} 段超限,与重新判定的结果相比",
        "check new": "重新判定有,记录中没有", "check gone": "记录中有,重新判定没有",
        "waiting": "{n} 个测点正等待服务器重新判定,未核对",
        "remedy": "请停止服务器后运行 `coldchain rebuild alarms`",
        "no ledger": "{folder} 中没有 {file}:请用 --data 指明服务器的数据目录",
        "time": "{option} {text}: 应为日期或带时区的时间,如 2026-08-01 或 2026-08-01T00:00:00+08:00",
        "order": "--from {begin} 不早于 --to {end}", "unknown": "{option} {text}: 登记中没有",
        "limit": "--limit {text}: 应为 测点=上限 或 测点=上限,下限,如 {example}=7",
        "empty": "所选范围内没有被判定的测点", "format": "--format {text}: 应为 table 或 json",
    },
    "en": {
        "span": "{begin} to {end}: {assets} assets, {points} points, {readings} readings",
        "kind": "kind of asset", "rule": "rule", "episodes": "alarms", "pages": "pages", "total": "total",
        "above": "minutes above the storage condition", "below": "minutes below the storage condition",
        "untold": "stays of {hours} h or more above it that no page told of",
        "standing": "standing since before, not counted", "none": "no difference",
        "more": "  … {n} more (--all lists them)",
        "paged": "paged", "now": "now", "then": "then", "new": "new", "gone": "gone", "severer": "more severe",
        "milder": "less severe", "earlier": "earlier", "later": "later", "split": "one became several",
        "joined": "several became one", "differs": "other numbers", "minutes": "{n} min", "open": "open",
        "by hand": "limits by hand hold at {n} points: what a profile says of alarms means nothing there",
        "same": "{file}: says what is in force", "changed": "{file}: {id} {key}: {old} → {new}",
        "left": "left out: silence and clocks, what people did (acknowledge, shelve, out of service), lateness; "
                "pages are those of readings that came as they were measured",
        "nothing": "only tried: nothing was written, the rules in force stay",
        "faults": "faults: {n}; nothing was judged, the rules in force stay",
        "check": "check of the record: {episodes} episodes beside a fresh judgement",
        "check new": "found now, not in the record", "check gone": "in the record, not found now",
        "waiting": "{n} points wait for the server to judge them again: not compared",
        "remedy": "stop the server and run `coldchain rebuild alarms`",
        "no ledger": "{folder} holds no {file}: name the server's folder with --data",
        "time": "{option} {text}: a date or a time with an offset was expected, "
                "as 2026-08-01 or 2026-08-01T00:00:00+08:00",
        "order": "--from {begin} is not before --to {end}", "unknown": "{option} {text}: the registry has none",
        "limit": "--limit {text}: POINT=HIGH or POINT=HIGH,LOW was expected, as {example}=7",
        "empty": "no point that is judged was chosen", "format": "--format {text}: table or json was expected",
    },
}  # fmt: skip

RULES = {
    "high": ("温度过高", "high"), "low": ("温度过低", "low"), "high-high": ("温度严重过高", "high-high"),
    "product": ("产品温度过高", "product"), "freeze": ("结冰危险", "freeze"),
    "record-high": ("高于贮存条件", "record-high"), "record-low": ("低于贮存条件", "record-low"),
    "cumulative": ("累计超时", "cumulative"), "life": ("全程累计超时", "life"), "rate": ("升温过快", "rate"),
    "sensor-fault": ("探头故障", "sensor-fault"),
    "washing": ("清洗", "washing"), "door-open": ("门未关", "door-open"), "mains-lost": ("断电", "mains-lost"),
    "unit-off": ("机组停机", "unit-off"), "set-point-wrong": ("设定温度不对", "set-point-wrong"),
    "battery-low": ("电量低", "battery-low"),
    "late-arrival": ("晚到", "late-arrival"), "stopped": ("途中停车", "stopped"),
    "off-route": ("偏离路线", "off-route"), "distance-over": ("里程超出计划", "distance-over"),
    "position-gap": ("位置中断", "position-gap"), "waiting-too-long": ("等待过久", "waiting-too-long"),
    "arrival-warm": ("到货奶温高", "arrival-warm"), "age-at-loading": ("装奶时过老", "age-at-loading"),
    "age-at-receipt": ("收奶时过老", "age-at-receipt"),
}  # fmt: skip

SYMBOLS = {"Cel": "°C", "%EL": "%", "/": "", "": ""}
"""Of SenML units."""

SEVERITY_WORDS = {"notice": ("提示", "notice"), "warning": ("警告", "warning"), "critical": ("严重", "critical")}


def rule_word(rule: str, language: str) -> str:
    """Return what people call a rule."""
    return word(RULES, rule, language)
