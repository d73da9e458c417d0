"""`coldchain notify test`: one message over one channel, what the provider answered, and what to do about it."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Annotated

import typer

from coldchain.cli.change_app import LANG, ConfigFile, Lang
from coldchain.errors import ConfigError

if TYPE_CHECKING:
    from alerts.notify.channels.port import Answer, Message
    from coldchain.notify_settings import ChannelSettings, NotifySettings

_WORDS = {
    "zh": {
        "title": "冷链监控:测试消息",
        "line": "这是一条测试消息,无需处理。",
        "Accepted": "{name}:服务商已接受{reference}。请看对方是否真的收到:服务商接受不等于送达。",
        "Later": "{name}:暂时没有成功({why}){after}。过一会儿再试;一直如此时,请检查网络、防火墙和服务商状态。",
        "Refused": "{name}:不接受这条消息({why})。{remedy}",
        "Broken": "{name}:这个通道现在不能用({why})。{remedy}",
        "after": ",服务商要求等 {seconds:.0f} 秒",
        "reference": "(编号 {reference})",
        "receiver": "请检查收件地址、对方是否在应用可见范围内;短信请检查模板。",
    },
    "en": {
        "title": "Cold chain monitor: test message",
        "line": "This is a test message; nothing needs to be done.",
        "Accepted": "{name}: the provider has it{reference}. See whether it came: accepted is not delivered.",
        "Later": "{name}: not now ({why}){after}. Try again; if it stays so, look at network, firewall and provider.",
        "Refused": "{name}: this message is not taken ({why}). {remedy}",
        "Broken": "{name}: this channel does not work now ({why}). {remedy}",
        "after": ", the provider asks for {seconds:.0f} s",
        "reference": " (its number {reference})",
        "receiver": "Check the address and whether the app may see that person; for text messages, the template.",
    },
}

_REMEDIES = {
    "smtp": (
        "请检查用户名、密码(授权码)、发件地址、端口与 security。",
        "Check user name, password (an app password where the provider has them), sender, port and security.",
    ),
    "wecom": (
        "请检查 key 或 Secret、AgentId,并把本机公网地址加入应用的可信 IP。",
        "Check key or Secret and AgentId, and add this server's public address to the app's trusted ones.",
    ),
    "dingtalk": (
        "请检查 access_token 或 AppSecret、加签密钥、关键词与 IP 白名单,以及机器人是否还在群里。",
        "Check access_token or AppSecret, signing secret, keywords, allowed addresses, and whether the robot is there.",
    ),
    "feishu": (
        "请检查地址中的 token 或 App Secret、签名密钥、关键词、IP 白名单与应用权限。",
        "Check token or App Secret, signing secret, keywords, allowed addresses and the app's permissions.",
    ),
    "webhook": (
        "请检查 url 与 secret_file;内网地址要写进 allowed_hosts。",
        "Check url and secret_file; a private address must be named in allowed_hosts.",
    ),
    "webpush": (
        "请检查 VAPID 密钥与 contact;浏览器需用同一把公钥订阅。",
        "Check the VAPID key and contact; browsers must have subscribed with its public key.",
    ),
    "apprise": ("请用 apprise 命令行检查各地址。", "Check the addresses with Apprise's own command."),
}
_PROVIDER = (
    "请检查账号密钥、余额、短信签名与模板是否已审核,以及本机时间。",
    "Check key, balance, whether signature and template are reviewed, and this server's clock.",
)


def notify_test(
    channel: Annotated[str, typer.Option(help="Name of a channel of the settings.")],
    to: Annotated[str, typer.Option(help="Address in the channel's own terms; none for a room.")] = "",
    config: ConfigFile = None,
    lang: Lang = LANG,
) -> None:
    """发一条测试消息: send one message over one channel and say what the provider answered."""
    from alerts.notify.channels.port import Accepted
    from coldchain.cli.registry import reader_language
    from coldchain.settings import load

    language = reader_language(lang)
    settings = load(config).notify
    wanted = settings.channels.get(channel)
    if wanted is None:
        known = ", ".join(sorted(settings.channels)) or "none"
        raise ConfigError(f"--channel {channel}: no such channel; the settings have: {known}")
    answer = asyncio.run(_sent(settings, channel, _message(to, language)))
    typer.echo(told(channel, wanted, answer, language))
    if not isinstance(answer, Accepted):
        raise typer.Exit(1)


def told(name: str, wanted: ChannelSettings, answer: Answer, language: str) -> str:
    """Return an answer with its remedy, one line."""
    from alerts.notify.channels.port import Accepted, Broken, Later

    words = _WORDS[language]
    text = words[type(answer).__name__]
    if isinstance(answer, Accepted):
        reference = words["reference"].format(reference=answer.reference) if answer.reference else ""
        return text.format(name=name, reference=reference)
    if isinstance(answer, Later):
        after = "" if answer.after_s is None else words["after"].format(seconds=answer.after_s)
        return text.format(name=name, why=answer.why, after=after)
    remedy = words["receiver"]
    if isinstance(answer, Broken):
        remedy = _REMEDIES.get(wanted.kind.split("-")[0], _PROVIDER)[language == "en"]
    return text.format(name=name, why=answer.why, remedy=remedy)


def _message(to: str, language: str) -> Message:
    from alerts.notify.channels.port import Message

    words = _WORDS[language]
    facts = {"site": words["title"], "what": words["line"], "count": "1"}
    key = f"test/{secrets.token_hex(8)}"
    return Message(key, to, language, words["title"], (words["line"],), kind="test", facts=facts)


async def _sent(settings: NotifySettings, name: str, message: Message) -> Answer:
    from alerts.notify.channels.opening import channels_of

    opened = channels_of(settings.model_copy(update={"channels": {name: settings.channels[name]}}))[name]
    try:
        return await opened.send(message)
    finally:
        await opened.close()
