"""What the forms of a recall say, in zh and en."""

from __future__ import annotations

from typing import Literal

Language = Literal["zh", "en"]

SIMULATED = "模拟数据 (simulated)"
"""Stands on every form of a demo."""

ITEMS = {
    "producer": ("食品生产者的名称、住所、联系方式", "who recalls, with address and telephone"),
    "goods": ("食品名称、批次、数量及召回区域范围", "products, lots, quantity, area"),
    "harm": ("召回原因及危害后果", "reason and harm"),
    "procedure": ("召回等级、流程及时限", "level, steps, deadlines"),
    "notice": ("召回通知或公告的内容及发布方式", "what is announced, and how"),
    "duties": ("持有召回食品者的义务", "duties of those who have the goods"),
    "disposal": ("召回食品的处置措施、费用承担", "what becomes of the goods, and who pays"),
    "expected": ("召回的预期效果", "expected effect"),
}
"""The eight items of a plan, in their order (`coldchain.custody.recalls.RecallPlan`)."""

WORDS: dict[Language, dict[str, str]] = {
    "zh": {
        "open": "【待填写】",
        "drawn": "(系统根据数据拟稿,未经人工确认)",
        "level-1": "一级",
        "level-2": "二级",
        "level-3": "三级",
        "notified": "已通知",
        "stopped": "已停售",
        "recovered": "已召回",
        "uncounted": "未清点",
        "and": "、",
        "comma": ",",
        "semicolon": ";",
        "more": "{names} 等(另 {more} 处)",
        "notice": "消费者告知",
        "notice-begins": "我们自 {at} 起召回以下产品,请勿食用:",
        "reason": "原因:{harm}",
        "sold-at": "销售场所({number} 家):{names}",
        "advice": "如已购买,请停止食用,保留包装,并联系购买处;如已食用并感到不适,请就医。",
        "returns": "退货方式:{open} 咨询电话:{open}",
        "product": "· {name}",
        "number": "批号 {value}",
        "gtin": "商品条码 {value}",
        "produced": "生产日期 {value}",
        "expires": "保质期至 {value}",
        "made": "共 {value}",
        "lot": "批次 {value}",
        "more-lots": "· 另有 {more} 个批次",
        "plan": "召回计划",
        "plan-goods": "{products};{sites} 处:{names}",
        "plan-procedure": (
            "{level}召回,{at} 决定,{hours} 小时内({due} 前)启动;各处依次确认:已通知、停售并清点拍照、召回"
        ),
        "plan-notice": "消费者告知;发布方式 {open}",
        "plan-duties": "{sites} 处立即停售、清点、拍照、退回:{names}",
        "plan-expected": "召回 {planned}",
        "progress": "召回进展报告",
        "decided": "{id}:{level}召回,{at} 由 {who} 决定",
        "as-of": "截至 {at}(已 {lasted})",
        "deadline": "应于 {due} 前全部启动;逾期未停售 {overdue} 处",
        "step": "{step}:{number} / {sites}",
        "step-took": "{step}:{number} / {sites},用时 {took}",
        "quantities": "计划 {planned},停售 {stopped},召回 {recovered},召回率 {share}",
        "left": "剩余 {time} → {who}",
        "overdue": "逾期 {time} → {who}",
        "closing": "召回总结报告",
        "closed": "召回总结报告({at},{who})",
        "conclusion": "结论:{text}",
        "hours": "{hours} 小时 {minutes:02d} 分",
    },
    "en": {
        "open": "[to be filled in]",
        "drawn": "(drawn up from data, confirmed by nobody)",
        "level-1": "level 1",
        "level-2": "level 2",
        "level-3": "level 3",
        "notified": "notified",
        "stopped": "sale stopped",
        "recovered": "recovered",
        "uncounted": "uncounted",
        "and": ", ",
        "comma": ", ",
        "semicolon": "; ",
        "more": "{names} and {more} more",
        "notice": "Notice to consumers",
        "notice-begins": "From {at} on we call back these products. Please do not eat or drink them:",
        "reason": "Reason: {harm}",
        "sold-at": "Sold at {number} shops: {names}",
        "advice": (
            "If you bought one: do not eat or drink it, keep the packaging, and speak to the shop where you bought it. "
            "If you have eaten or drunk it and feel ill, see a doctor."
        ),
        "returns": "Returns: {open} Telephone: {open}",
        "product": "· {name}",
        "number": "lot number {value}",
        "gtin": "GTIN {value}",
        "produced": "produced {value}",
        "expires": "expires {value}",
        "made": "made: {value}",
        "lot": "lot {value}",
        "more-lots": "· and {more} other lots",
        "plan": "Recall plan",
        "plan-goods": "{products}; {sites} sites: {names}",
        "plan-procedure": (
            "{level}, decided {at}, to begin within {hours} h (by {due}); each site confirms: notified, sale stopped "
            "with count and picture, recovered"
        ),
        "plan-notice": "notice to consumers; published by {open}",
        "plan-duties": "{sites} sites stop the sale at once, count, send a picture, give the goods back: {names}",
        "plan-expected": "{planned} come back",
        "progress": "Progress of the recall",
        "decided": "{id}: {level}, decided {at} by {who}",
        "as-of": "as of {at} ({lasted} since)",
        "deadline": "to have begun everywhere by {due}; {overdue} sites have not stopped, and the time is over",
        "step": "{step}: {number} of {sites}",
        "step-took": "{step}: {number} of {sites}, all within {took}",
        "quantities": "planned {planned}, stopped {stopped}, recovered {recovered}, share {share}",
        "left": "{time} left → {who}",
        "overdue": "overdue by {time} → {who}",
        "closing": "Closing report of the recall",
        "closed": "Closing report of the recall ({at}, {who})",
        "conclusion": "Conclusion: {text}",
        "hours": "{hours} h {minutes:02d} min",
    },
}

COLUMNS = (
    ("网点编码", "site id"),
    ("网点名称", "site name"),
    ("经营者", "operator"),
    ("手机", "phone"),
    ("批次", "lots"),
    ("计划召回数量", "planned"),
    ("单位", "unit"),
    ("通知时间", "notified at"),
    ("停售时间", "stopped at"),
    ("停售数量", "quantity stopped"),
    ("照片校验值", "photo SHA-256"),
    ("召回时间", "recovered at"),
    ("召回数量", "quantity recovered"),
    ("应停售时间", "due"),
    ("当前责任人", "who must look after it"),
    ("备注", "stamp"),
)
"""Headings of the table of sites."""
