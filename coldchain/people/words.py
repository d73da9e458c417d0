"""Ways, times and reasons in Chinese and English; roles have theirs in `coldchain.people.roles`."""

from __future__ import annotations

from coldchain.people.reach import Silence

WAY_WORDS = {
    "wecom": ("企业微信", "WeCom"),
    "dingtalk": ("钉钉", "DingTalk"),
    "feishu": ("飞书", "Feishu"),
    "email": ("邮件", "mail"),
    "sms": ("短信", "text message"),
    "voice": ("语音电话", "voice call"),
}

WHEN_WORDS = {
    "always": ("任何时间", "always"),
    "open": ("营业时间内", "while open"),
    "closed": ("营业时间外", "while closed"),
}

SILENCE_WORDS = {
    Silence.CLOSED: (
        "届时不在营业时间,此步骤只在营业时间内",
        "the site is closed then, and the step is for opening hours",
    ),
    Silence.OPEN: ("届时正在营业,此步骤只在营业时间外", "the site is open then, and the step is for closed hours"),
    Silence.NOBODY: ("届时无人担任此角色", "nobody has this role then"),
    Silence.QUIET: ("免打扰时段,只接收严重报警", "quiet hours: only critical alarms come"),
    Silence.NO_CHANNEL: ("服务器没有配置此步骤所用方式的通道", "the server has no channel for any way of the step"),
    Silence.NO_ADDRESS: ("没有登记此步骤所用的联系方式", "has no address for any way of the step"),
}
