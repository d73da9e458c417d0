"""What `coldchain profile` says, in Chinese and English."""

from __future__ import annotations

SAID = {
    "zh": {
        "id": "编号", "name": "名称", "storage": "贮存", "condition": "贮存条件", "life": "保质期",
        "short": "低温短保", "version": "版本", "since": "自", "built-in": "内置", "yes": "是", "no": "否",
        "unknown": "{id}: 没有这个档案;`coldchain profile list` 列出全部",
        "faults": "共 {n} 处错误,未写入任何内容,原有规则照常有效",
        "nothing": "没有变化: {n} 个档案均已如此", "new": "新增", "changed": "变更",
        "planned": "试运行: {n} 个档案将自 {at} 起生效;未写入任何内容",
        "written": "已写入: {n} 个档案自 {at} 起生效", "confirm": "写入?", "left": "未写入任何内容",
        "unsourced": "{file}: {id} {key}: {old} 改为 {new},出处却未改;请写明新数字的出处,或改为 status = \"assumed\"",
        "past": "--from {at}: 早于现在;档案只能自现在或以后起生效",
        "no ledger": "{folder} 中没有账本:请用 --data 指明服务器的数据目录", "exported": "已导出到 {file}: {n} 个档案",
        "label": "--label {label}: 应为 2..6、..-18 或 0..", "information": "此位置只作参考,不判断",
        "kind": "--kind {kind}: 没有这个类型;应为 {known}", "estimate": "设计值、转引与未核对的数字不是法规",
        "product only": "--kind 只用于产品档案", "rest": "(其余同 CN)",
        "until": "{id}: 只到 {at} 为止,此时起已排定另一版本",
    },
    "en": {
        "id": "id", "name": "name", "storage": "storage", "condition": "condition", "life": "shelf life",
        "short": "LT short life", "version": "version", "since": "since", "built-in": "built-in", "yes": "yes",
        "no": "no",
        "unknown": "{id}: no such profile; `coldchain profile list` lists them",
        "faults": "faults: {n}; nothing was written, the rules in force stay",
        "nothing": "nothing to do: all {n} profiles are so already", "new": "new", "changed": "changed",
        "planned": "dry run: {n} profiles would hold from {at}; nothing was written",
        "written": "written: {n} profiles hold from {at}", "confirm": "Write this?", "left": "nothing was written",
        "unsourced": "{file}: {id} {key}: {old} became {new} under the old source; say where the new number is from, "
                     'or that its status is "assumed"',
        "past": "--from {at}: lies in the past; profiles take effect from now on",
        "no ledger": "{folder} holds no ledger: name the server's folder with --data",
        "exported": "exported to {file}: {n} profiles",
        "label": "--label {label}: 2..6, ..-18 or 0.. was expected", "information": "information only: not judged here",
        "kind": "--kind {kind}: no such kind; one of {known} was expected",
        "estimate": "assumed, secondary and unverified numbers are not law", "product only": "--kind is for products",
        "rest": "(the rest as CN)",
        "until": "{id}: only until {at}, from when another version is planned",
    },
}  # fmt: skip
