"""What follows from an action, in the reader's language: code → (中文, English)."""

from __future__ import annotations

from coldchain.registry.actions import Said
from coldchain.registry.judging_words import JUDGING_WORDS

WORDS = {
    "series-goes-on": (
        "{point} 的记录不中断:{old} 换为 {new},曲线上留有标记。",
        "{point} keeps one unbroken history: {old} until then, {new} from then on, with a mark.",
    ),
    "alarms-stay": (
        "未恢复的超温报警保留,按新探头继续判断。",
        "An open excursion stays open and is judged on with the new probe.",
    ),
    "old-to-check": ("旧探头转为待检。", "The old probe is to be checked."),
    "keeps-past": ("{site} 保留 {asset} 此前的全部记录。", "{site} keeps everything of {asset} until then."),
    "sees-from-now": ("{site} 只看到 {asset} 此后的记录。", "{site} sees {asset} from then on only."),
    "warm-up": ("移机后 {hours} 小时为降温期。", "For {hours} h after the move the asset is cooling down."),
    "no-gateway": (
        "{site} 没有网关:探头的数据不会被接收,请先登记网关。",
        "{site} has no gateway: nobody there may speak for its probes; register one.",
    ),
    "not-judged": ("{asset} 的读数照常保存,但不再判断。", "Readings of {asset} are kept; nothing is judged."),
    "alarms-end": (
        "未恢复的报警到此结束,注明“规则取消”。",
        "Open alarms end there, with the reason that nothing is judged.",
    ),
    "judged-again": ("{asset} 恢复判断。", "{asset} is judged again."),
    "closed": ("{site} 关闭,{assets} 台设备停用。", "{site} is closed and {assets} assets are out of use."),
    "records-stay": ("已有记录全部保留,保存期限不变。", "Every record stays for as long as it has to be kept."),
    "lots-first": ("请先退回或销毁店内批次。", "Return or destroy the lots there first."),
    "gateways-left": (
        "网关仍在登记中:{nodes};清空后请退役。",
        "Still registered: {nodes}; retire them when they have drained.",
    ),
    "own-time": (
        "{site}:{before} 只看到此前的记录,{after} 只看到此后的记录。",
        "{site}: {before} sees what was until then, {after} what comes from then on.",
    ),
    "no-licence": (
        "{operator} 没有食品经营许可证编号,请补登。",
        "{operator} has no food business licence on file: add it.",
    ),
    "keys-revoked": ("{node} 的密钥作废。", "The keys of {node} open no new chain."),
    "hole": (
        "{node} 未上传的数据将永久缺失,记录中显示为空缺。",
        "What {node} had not delivered stays a hole in the record, with this reason.",
    ),
    "wipe": ("请清除 {node} 的磁盘并确认。", "Wipe the disk of {node} and confirm it to whoever gets it."),
    "trips-stay": ("{plate} 的行程记录保留。", "The trips of {plate} stay."),
    "permits-end": ("{plate} 的准运证到此终止。", "The permits of {plate} end."),
    "word-stays": (
        "{channel} 的原始值不变,显示与判断时加 {offset} K。",
        "What {channel} said stays; {offset} K are added wherever it is shown or judged.",
    ),
    "judged-anew": ("此前的读数将重新判断。", "Readings from then on are judged again."),
    "acknowledged": (
        "报警 {alarm} 记为已确认;超温不恢复,{minutes} 分钟后再提醒。",
        "Alarm {alarm} is acknowledged; if it still stands in {minutes} min it asks again.",
    ),
    "acknowledged-once": ("报警 {alarm} 记为已确认。", "Alarm {alarm} is acknowledged."),
    "reset": ("报警 {alarm} 复位,到此结束。", "Alarm {alarm} is reset and over."),
    "shelved": (
        "{point} 的 {rule} 报警暂缓 {minutes} 分钟,这段时间里再报也不提醒;更严重的照常提醒。",
        "{rule} at {point} is shelved for {minutes} min, new occurrences as well; what is more severe still pages.",
    ),
    "one-shot": ("恢复后暂缓即结束。", "The shelf ends earlier when the condition clears."),
    "unshelved": ("{point} 的 {rule} 报警恢复提醒。", "{rule} at {point} speaks again."),
    "out-of-service": (
        "{point} 的 {rule} 报警停用,直到有人启用;读数和超温照常记录。",
        "{rule} at {point} is out of service until somebody puts it back; readings and episodes are recorded.",
    ),
    "in-service": ("{point} 的 {rule} 报警启用。", "{rule} at {point} is in service again."),
    "fence-circle": (
        "{site} 的围栏:圆,半径 {metres} 米,中心 {place}(WGS-84),自 {from} 起。",
        "{site}: a circle of {metres} m about {place} (WGS-84), from {from} on.",
    ),
    "fence-polygon": (
        "{site} 的围栏:{corners} 个顶点的多边形,跨度 {metres} 米,中心 {place}(WGS-84),自 {from} 起。",
        "{site}: a polygon of {corners} corners, {metres} m across, about {place} (WGS-84), from {from} on.",
    ),
    "fence-none": (
        "{site} 没有坐标,也就没有默认围栏:找不到到店和离店。",
        "{site} has no place on file, so no default circle either: no arrival is found there.",
    ),
    "fence-converted": (
        "由 {system} 换算,移动 {metres} 米。",
        "Converted from {system}: moved by {metres} m.",
    ),
    "fence-before-circle": (
        "此前:圆,半径 {metres} 米,中心 {place}。",
        "Until then: a circle of {metres} m about {place}.",
    ),
    "fence-before-polygon": (
        "此前:{corners} 个顶点的多边形,跨度 {metres} 米,中心 {place}。",
        "Until then: a polygon of {corners} corners, {metres} m across, about {place}.",
    ),
    "road-learnt": (
        "{kind}:按 {trips} 趟实际行程,道路里程为直线距离的 {after}%(原 {before}%)。",
        "{kind}: from {trips} trips, roads are {after} % of great circles (before: {before} %).",
    ),
    "road-few": (
        "{kind}:只有 {trips} 趟可用行程,至少要 {least} 趟,保持不变。",
        "{kind}: {trips} trips can be used, at least {least} are needed; it stays as it is.",
    ),
    "fence-few": (
        "{site}:找到 {stays} 次停留,不足三次,暂不学习围栏。",
        "{site}: {stays} stays were found, fewer than three near its place; no fence yet.",
    ),
    "fence-apart": (
        "{site}:{stays} 次停留相距太远,请按地图手工画围栏。",
        "{site}: {stays} stays, too far apart for one place; draw its fence by hand.",
    ),
    "fence-before-none": ("此前没有围栏。", "There was none until then."),
    "fence-far": (
        "{site} 登记的位置在围栏外 {metres} 米:请核对坐标系和地址。",
        "The place on file of {site} lies {metres} m outside it: check coordinate system and address.",
    ),
    "visits-anew": ("此后的到店和离店将重新判断。", "Arrivals and departures from then on are found again."),
    "made": ("新建 {what}。", "Made: {what}."),
    "granted": ("允许 {node} 上报 {channel}。", "{node} may speak for {channel}, which stands at another site."),
    "comes-in": ("{channel} 已保存的读数将进入 {point}。", "What was kept of {channel} comes into {point}."),
}
WORDS |= JUDGING_WORDS


def sentence(said: Said, language: str = "en") -> str:
    """Return a consequence as a sentence in ``zh`` or ``en``."""
    return WORDS[said.code][0 if language == "zh" else 1].format(**said.facts)
