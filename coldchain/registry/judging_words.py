"""What follows from changes of how assets are judged: code → (中文, English)."""

from __future__ import annotations

from coldchain.profiles.structs import LIMIT_NAMES
from coldchain.profiles.words import NAMES

LIMIT_WORDS = {
    f"limit-{name}": (f"{NAMES[name][0]}:{{celsius}} ℃", f"{NAMES[name][1]}: {{celsius}} °C") for name in LIMIT_NAMES
}

JUDGING_WORDS = LIMIT_WORDS | {
    "excused-restocking": (
        "{asset} 正在补货:{from} 至 {until}({minutes} 分钟),空气超温不提醒;产品超温照常提醒。",
        "{asset} is restocked {from} to {until} ({minutes} min): warm air pages nobody, a warm product does.",
    ),
    "excused-maintenance": (
        "{asset} 正在维修:{from} 至 {until}({minutes} 分钟),温度不提醒任何人。",
        "{asset} is repaired {from} to {until} ({minutes} min): its temperatures page nobody.",
    ),
    "excused-calibration": (
        "{asset} 正在校准:{from} 至 {until}({minutes} 分钟),温度不提醒任何人。",
        "{asset} is calibrated {from} to {until} ({minutes} min): its temperatures page nobody.",
    ),
    "minutes-count": (
        "到时自动结束;每一分钟照常计入记录。",
        "It ends by itself; every minute still counts in the record.",
    ),
    "replaces-reason": (
        "取代同一时刻开始、至 {until} 的那一段。",
        "It takes the place of the one that begins at the same time and ends at {until}.",
    ),
    "no-goods": (
        "自 {from} 起,{asset} 无货:读数照常保存,不再判断,直到下一次变更。",
        "From {from} on {asset} holds no goods: readings are kept, nothing is judged until somebody says otherwise.",
    ),
    "no-goods-until": (
        "{from} 至 {until}({minutes} 分钟),{asset} 的读数照常保存,不判断;到时自动恢复原状态。",
        "{asset}: nothing is judged {from} to {until} ({minutes} min), readings are kept; then as before.",
    ),
    "has-goods": (
        "自 {from} 起,{asset} 有货,按温度判断,直到下一次变更。",
        "From {from} on {asset} holds goods and is judged, until somebody says otherwise.",
    ),
    "has-goods-until": (
        "{from} 至 {until}({minutes} 分钟),{asset} 有货,按温度判断;到时自动恢复原状态。",
        "From {from} to {until} ({minutes} min) {asset} holds goods and is judged; then what was before holds again.",
    ),
    "defrosts": (
        "{asset} 每天 {times}({zone})化霜:{minutes} + {recovery} 分钟内空气温度不提醒,过热和产品超温照常提醒。",
        "{asset} defrosts daily at {times} ({zone}): {minutes} + {recovery} min warm air pages nobody, hot air does.",
    ),
    "defrosts-until": (
        "到 {until} 为止。",
        "The schedule ends at {until}.",
    ),
    "defrost-signal": (
        "{asset} 自己有化霜信号:两者都算。确认真有按时化霜。",
        "{asset} tells its defrosts itself; both count. Make sure that it also defrosts by the clock.",
    ),
    "no-defrosts": (
        "自 {from} 起,{asset} 不再按时间表化霜。",
        "From {from} on {asset} has no defrosts by the clock.",
    ),
    "learns-anew": (
        "{point} 此前学到的常态作废,从现在起重新学习。",
        "What was usual at {point} counts no more; it is learnt anew from now on.",
    ),
    "learning-air": (
        "学会之前:空气高于贮存条件 {kelvin} K 持续 {minutes} 分钟才提醒。",
        "Until then the air pages {kelvin} K above the storage condition for {minutes} min.",
    ),
    "learning-product": (
        "产品高于贮存条件 {kelvin} K 持续 {minutes} 分钟即提醒,与平时相同。",
        "The product pages {kelvin} K above it for {minutes} min, as ever.",
    ),
    "learning-days": (
        "约 {days} 天后定型;记录不受影响。",
        "The new normal is final after about {days} days; the record is not touched by this.",
    ),
    "ends-by-hand": (
        "{point} 在 {at} 未恢复的超温到此结束,注明由人结束;没有则不变。",
        "Whatever excursion is open at {point} ends at {at}, marked as ended by a person; if none is, nothing changes.",
    ),
    "goods-stay-out": (
        "此前的分钟照常计入记录;货物是否可用另行决定。",
        "Its minutes stay in the record, and whether the goods are good is still to be decided.",
    ),
    "still-bound": (
        "{channel} 仍登记在 {point},此后仍超温会重新报警;探头换了请用 replace-probe。",
        "{channel} is still at {point}: what stays out is a new excursion. Swapped? `coldchain change replace-probe`",
    ),
    "paused": (
        "{sites} 家网点暂停营业:{from} 至 {until},{assets} 台设备不判断,到时自动恢复。",
        "{sites} sites are closed from {from} to {until} and {assets} assets are not judged; both end by themselves.",
    ),
    "paused-lots": (
        "暂停期间没有人会收到报警:请先清空设备里的货。",
        "Nobody is paged for goods that are left there: empty the assets first.",
    ),
    "site-opens": (
        "{site} 自 {at} 起开业,{assets} 台设备恢复判断。",
        "{site} is open again from {at} on, and {assets} assets are judged again.",
    ),
    "still-out-of-use": (
        "{asset} 早已停用,仍不判断。",
        "{asset} was out of use before that and stays so.",
    ),
    "label": (
        "{point} 的标签贮存条件为“{words}”({celsius}),优先于档案。",
        "The label at {point} says “{words}” ({celsius}); it goes before the profile.",
    ),
    "label-words-differ": (
        "注意:标签文字“{words}”与数值 {celsius} 不一致,请核对。",
        "Look again: the words “{words}” do not name {celsius}.",
    ),
    "no-label": (
        "{point} 不再有标签条件(原为“{words}”),按档案判断。",
        "No label holds at {point} any more (it was “{words}”): the profile's own target does.",
    ),
    "label-unjudged": (
        "{point} 没有产品温度档案:标签只作记录,不据此判断。",
        "{point} has no product profile: the label is kept, and nothing is judged by it until it has one.",
    ),
    "information-only": (
        "{point} 的位置({position})仅供参考,不判断。",
        "{point} is information only ({position}): nothing is judged there.",
    ),
    "by-hand-stays": (
        "{point} 有手工限值:报警仍按手工限值,标签只改变记录。",
        "{point} has limits by hand: they page as before, the label moves the record only.",
    ),
    "limit-product-page": (
        "产品提醒上限:{celsius} ℃",
        "told for the product from: {celsius} °C",
    ),
    "limit-air-page": (
        "空气提醒上限:{celsius} ℃",
        "told for the air from: {celsius} °C",
    ),
}
