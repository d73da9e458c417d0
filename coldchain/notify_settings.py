"""Settings of the channels that messages go over: ``[notify.channels.NAME]``, a kind and what that kind needs.

Secrets are never settings: each ``*_file`` names a file of its own that only its owner may read (mode 0600).
"""

from __future__ import annotations

from collections.abc import Iterator
from inspect import get_annotations
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field
from pydantic.fields import FieldInfo

from coldchain.section import Section


class _Timed(Section):
    whom: ClassVar[str] = "every kind but apprise"

    connect_s: float = Field(5.0, gt=0, description="nobody answers for so long: try again later, seconds")
    timeout_s: float = Field(30.0, gt=0, description="the whole attempt, seconds")
    ca_file: Path | None = Field(None, description="certificates (PEM) to trust beside the usual ones")


class _OverHttp(_Timed):
    whom: ClassVar[str] = "every kind over HTTP"

    allowed_hosts: tuple[str, ...] = Field(
        (), description="hosts that may be in a private network, without TLS and on any port; none by default"
    )


class _Templates(_OverHttp):
    whom: ClassVar[str] = "http, aliyun-sms, aliyun-voice, tencent-sms"

    templates: dict[str, str] = Field(
        {}, description="`alarm.en`, or `alarm` for every language, to the provider's id of the reviewed template"
    )
    variables: dict[str, str] = Field(
        {"site": "site", "asset": "asset", "what": "what", "since": "since", "count": "count"},
        description="the template's variables, in its order, to the facts that fill them",
    )
    variable_chars: int = Field(20, ge=1, le=200, description="a variable is cut to so many characters; links go")


class SmtpChannel(_Timed):
    """E-mail."""

    kind: Literal["smtp"]
    host: str = Field(description="name of the mail server")
    port: int = Field(587, ge=1, le=65535, description="TCP port; 465 with `tls`")
    security: Literal["starttls", "tls", "none"] = Field("starttls", description="none only on one's own machine")
    username: str = Field("", description="user name; empty: no login")
    password_file: Path | None = Field(None, description="file with the password of the user name")
    sender: str = Field(description="address that messages come from")
    sender_name: str = Field("", description="name beside it")


class WecomRobotChannel(_OverHttp):
    """A group robot of WeCom (企业微信)."""

    kind: Literal["wecom-robot"]
    base_url: str = Field("https://qyapi.weixin.qq.com", description="another one for a private deployment")
    key_file: Path = Field(description="file with what follows `key=` in the robot's address")


class WecomAppChannel(_OverHttp):
    """Messages of a WeCom app to members."""

    kind: Literal["wecom-app"]
    base_url: str = Field("https://qyapi.weixin.qq.com", description="another one for a private deployment")
    corp_id: str = Field(description="企业ID")
    agent_id: int = Field(description="AgentId of the app; this server's address must be among its trusted ones")
    secret_file: Path = Field(description="file with the app's Secret")


class DingtalkRobotChannel(_OverHttp):
    """A group robot of DingTalk (钉钉)."""

    kind: Literal["dingtalk-robot"]
    base_url: str = Field("https://oapi.dingtalk.com", description="another one for a private deployment")
    token_file: Path = Field(description="file with what follows `access_token=` in the robot's address")
    secret_file: Path | None = Field(None, description="file with the `SEC…` of 加签; none: the robot asks for none")


class DingtalkAppChannel(_OverHttp):
    """Work notices (工作通知) of a DingTalk app to users."""

    kind: Literal["dingtalk-app"]
    base_url: str = Field("https://oapi.dingtalk.com", description="another one for a private deployment")
    app_key: str = Field(description="AppKey (Client ID)")
    agent_id: int = Field(description="AgentId of the app")
    secret_file: Path = Field(description="file with the AppSecret")


class FeishuRobotChannel(_OverHttp):
    """A group robot of Feishu (飞书)."""

    kind: Literal["feishu-robot"]
    base_url: str = Field("https://open.feishu.cn", description="https://open.larksuite.com outside China")
    token_file: Path = Field(description="file with what follows `/hook/` in the robot's address")
    secret_file: Path | None = Field(None, description="file with the secret of 签名校验; none: it asks for none")


class FeishuAppChannel(_OverHttp):
    """Messages of a Feishu app to users."""

    kind: Literal["feishu-app"]
    base_url: str = Field("https://open.feishu.cn", description="https://open.larksuite.com outside China")
    app_id: str = Field(description="App ID")
    secret_file: Path = Field(description="file with the App Secret")
    id_type: Literal["user_id", "open_id", "union_id", "email"] = Field(
        "user_id", description="what a person's address is"
    )


class WebhookChannel(_OverHttp):
    """Another system: JSON, signed."""

    kind: Literal["webhook"]
    url: str = Field(description="https address that takes a POST; redirects are not followed")
    secret_file: Path = Field(description="file with the secret that signs; `whsec_` and base64, or any text")


class HttpChannel(_Templates):
    """Text messages or calls by any provider that takes them over HTTP."""

    kind: Literal["http"]
    url: str = Field(description="address; placeholders as in `body`")
    method: Literal["POST", "PUT", "GET"] = Field("POST", description="HTTP method")
    body_format: Literal["json", "form"] = Field("json", description="how placeholders in `body` are escaped")
    body: str = Field(
        "",
        description="template with {phone}, {template}, {var:NAME}, {key}, {timestamp} (seconds), {timestamp_ms}",
    )
    headers: dict[str, str] = Field({}, description="headers that are no secret")
    header_files: dict[str, Path] = Field({}, description="header to the file with its value")
    sign: Literal["none", "basic", "hmac"] = Field("none", description="what proves who sends")
    username: str = Field("", description="for `basic`")
    secret_file: Path | None = Field(None, description="file with the password of `basic` or the key of `hmac`")
    sign_text: str = Field("{timestamp}.{body}", description="for `hmac`: what is signed; {body} is the body as sent")
    sign_header: str = Field("X-Signature", description="for `hmac`: the header that gets it, in hexadecimal")
    sign_time_header: str = Field("X-Timestamp", description="for `hmac`: the header that gets the timestamp")
    success_path: str = Field("", description="where the answer's JSON tells success: `code`; empty: a status 2xx does")
    success_value: str = Field("0", description="what stands there then")
    reference_path: str = Field("", description="where the provider's own id of the message stands")
    codes_later: tuple[str, ...] = Field((), description="what stands there when it was too much at once")
    codes_broken: tuple[str, ...] = Field((), description="what stands there when the account is: key, balance")


class AliyunSmsChannel(_Templates):
    """Text messages by Alibaba Cloud (阿里云短信)."""

    kind: Literal["aliyun-sms"]
    base_url: str = Field("https://dysmsapi.aliyuncs.com", description="address of the service")
    access_key_id: str = Field(description="AccessKey ID")
    secret_file: Path = Field(description="file with the AccessKey Secret")
    sign_name: str = Field(description="reviewed signature (短信签名)")


class AliyunVoiceChannel(_Templates):
    """Calls that read a template, by Alibaba Cloud (语音通知)."""

    kind: Literal["aliyun-voice"]
    base_url: str = Field("https://dyvmsapi.aliyuncs.com", description="address of the service")
    access_key_id: str = Field(description="AccessKey ID")
    secret_file: Path = Field(description="file with the AccessKey Secret")
    shown_number: str = Field(description="number that the called person sees")
    play_times: int = Field(3, ge=1, le=3, description="how often the text is read")


class TencentSmsChannel(_Templates):
    """Text messages by Tencent Cloud (腾讯云短信)."""

    kind: Literal["tencent-sms"]
    base_url: str = Field("https://sms.tencentcloudapi.com", description="address of the service")
    region: str = Field("ap-guangzhou", description="region of the service")
    secret_id: str = Field(description="SecretId")
    secret_file: Path = Field(description="file with the SecretKey")
    sdk_app_id: str = Field(description="SmsSdkAppId")
    sign_name: str = Field(description="reviewed signature (短信签名)")


class WebPushChannel(_OverHttp):
    """Messages to a browser; an extra, because most phones on the mainland cannot be reached."""

    kind: Literal["webpush"]
    key_file: Path = Field(description="file with the VAPID key: a P-256 private key, PEM")
    contact: str = Field(description="`mailto:` or `https:` address that a push service may write to")
    ttl_s: int = Field(3600, ge=0, description="how long the push service keeps it for a browser that is away, seconds")


class AppriseChannel(Section):
    """Whatever Apprise speaks; it is installed apart, and tells only whether it worked."""

    kind: Literal["apprise"]
    urls_file: Path = Field(description="file with Apprise's addresses, one a line")
    timeout_s: float = Field(30.0, gt=0, description="the whole attempt, seconds")


ChannelSettings = Annotated[
    SmtpChannel
    | WecomRobotChannel
    | WecomAppChannel
    | DingtalkRobotChannel
    | DingtalkAppChannel
    | FeishuRobotChannel
    | FeishuAppChannel
    | WebhookChannel
    | HttpChannel
    | AliyunSmsChannel
    | AliyunVoiceChannel
    | TencentSmsChannel
    | WebPushChannel
    | AppriseChannel,
    Field(discriminator="kind"),
]
"""One channel; ``kind`` says which."""

CHANNEL_KINDS: tuple[type[Section], ...] = get_args(get_args(ChannelSettings)[0])


WAY_OF = {
    "smtp": "email",
    "wecom-app": "wecom",
    "dingtalk-app": "dingtalk",
    "feishu-app": "feishu",
    "aliyun-sms": "sms",
    "tencent-sms": "sms",
    "aliyun-voice": "voice",
}
"""Which way to a person a kind of channel is; the others are rooms, or named by ``ways``."""


BUDGETS = {"dingtalk-robot": 18, "wecom-robot": 18, "feishu-robot": 90}
"""Attempts a minute. The makers allow 20, 20 and 100, and DingTalk is silent for ten minutes behind that."""


class NotifySettings(Section):
    """Messages to people."""

    channels: dict[str, ChannelSettings] = Field(
        {}, description="name of a channel to its kind and what that kind needs; the plan's rooms name channels"
    )
    ways: dict[str, str] = Field(
        {}, description="way to a person (email, wecom, …) to its channel; else the first one of a kind that fits"
    )
    base_url: str = Field(
        "", description="address under which people open the page, without a last slash; empty: no links"
    )
    heartbeat_file: Path | None = Field(
        None, description="file with an address outside, asked every minute while all is well: it tells when that ends"
    )

    def budgets(self) -> dict[str, int]:
        """Return the attempts a minute of the channels that have a limit, by name."""
        return {name: BUDGETS[one.kind] for name, one in self.channels.items() if one.kind in BUDGETS}

    def channel_of(self, way: str) -> str:
        """Return the name of the channel of a way; empty: none."""
        if way in self.ways:
            return self.ways[way]
        fits = (name for name, one in self.channels.items() if WAY_OF.get(one.kind) == way)
        return next(fits, "")


def explain_channels(prefix: str = "notify.channels.NAME.") -> Iterator[tuple[str, str, str]]:
    """Yield (setting with its kind, default, meaning); what several kinds share once, before them."""
    told: set[str] = set()
    for kind in CHANNEL_KINDS:
        for name, field in kind.model_fields.items():
            owner = _owner(kind, name)
            whom = f"kind {_kind_of(kind)}" if owner is kind else owner.whom
            row = f"{prefix}{name} ({whom})"
            if row not in told:
                told.add(row)
                yield row, _default(field, kind, name), field.description or "which provider"


def _owner(kind: type[Section], name: str) -> type[Any]:
    """Return the class that brought a field in."""
    return next(base for base in reversed(kind.__mro__) if name in get_annotations(base))


def _kind_of(kind: type[Section]) -> str:
    return str(get_args(kind.model_fields["kind"].annotation)[0])


def _default(field: FieldInfo, kind: type[Section], name: str) -> str:
    if name == "kind":
        return _kind_of(kind)
    return "required" if field.is_required() else str(field.default)
