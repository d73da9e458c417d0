"""Signatures and encryption against what the providers and the RFCs publish."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from alerts.notify.channels import dingtalk, feishu
from alerts.notify.channels.push_encryption import encrypted, from_base64, subscription_of, to_base64
from alerts.notify.channels.signing import acs3_headers, sorted_query, tc3_authorization
from alerts.notify.channels.webhook import key_of, signature
from coldchain.clock import parse_rfc3339
from coldchain.errors import ConfigError
from coldchain.secret import Secret

BROWSER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
"""The browser's key of RFC 8291, appendix A."""


def test_alibaba_clouds_published_example() -> None:
    query = sorted_query({"RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"})

    headers = acs3_headers(
        "YourAccessKeyId",
        Secret("YourAccessKeySecret"),
        host="ecs.cn-shanghai.aliyuncs.com",
        action="RunInstances",
        version="2014-05-26",
        query=query,
        nonce="3156853299f313e23d1673dc12e1703d",
        now_ms=parse_rfc3339("2023-10-26T10:22:32Z"),
    )

    assert headers["authorization"] == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;"
        "x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_tencent_clouds_published_example() -> None:
    body = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'

    authorization = tc3_authorization(
        "AKID********************************",
        Secret("*" * 32),
        service="cvm",
        host="cvm.tencentcloudapi.com",
        action="DescribeInstances",
        body=body,
        now_ms=1_551_113_065_000,
    )

    assert authorization == (
        "TC3-HMAC-SHA256 Credential=AKID********************************/2019-02-25/cvm/tc3_request, "
        "SignedHeaders=content-type;host;x-tc-action, "
        "Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f"
    )


@pytest.mark.parametrize(
    ("secret", "message_id", "timestamp_s", "body", "expected"),
    [
        (
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            b'{"test": 2432232314}',
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
        (
            "whsec_ZWZmZWN0ZWQtc3ZpeC10ZXN0LWtleS0wMTIzNDU2Nzg5",
            "msg_2abcDEF345ghiJKL678mnoPQR",
            1_792_411_200,
            base64.b64decode("eyJ0eXBlIjoidXNlci5jcmVhdGVkIiwib2JqZWN0IjoiZXZlbnQiLCJkYXRhIjp7ImlkIjoidXNlcl8xIn19"),
            "v1,Tz/poI407oaz/Q8PArkY0fi+Tafe4SBLzm9ytroNr9U=",
        ),
    ],
)
def test_standard_webhooks_of_two_other_makers(
    secret: str, message_id: str, timestamp_s: int, body: bytes, expected: str
) -> None:
    assert signature(key_of(Secret(secret)), message_id, timestamp_s, body) == expected


def test_a_webhook_secret_may_be_any_text_but_no_broken_base64() -> None:
    assert key_of(Secret("any text")) == b"any text"
    with pytest.raises(ConfigError) as fault:
        key_of(Secret("whsec_???"))
    assert "???" not in str(fault.value)


def test_the_robots_sign_the_other_way_round() -> None:
    """DingTalk: the secret signs timestamp and secret. Feishu: timestamp and secret sign nothing. By openssl:

    printf '1700000000000\\nSECabc' | openssl dgst -sha256 -hmac SECabc -binary | base64
    printf '' | openssl dgst -sha256 -mac HMAC -macopt hexkey:3137303030303030300a616263 -binary | base64
    """
    assert dingtalk.signature(Secret("SECabc"), 1_700_000_000_000) == "jcUpW0QmtKduN03n4JqQ0PBosVjqnM8gU7fIIvsDmCM="
    assert feishu.signature(Secret("abc"), 1_700_000_000) == "VIS10b0EBvzzSdFnuk4tznEmK5wHaruvf/WnViv2yR4="


def test_the_example_of_rfc_8291() -> None:
    """RFC 8291, section 5 and appendix A."""
    keys = f'{{"auth": "BTBZMqHH6r4Tts7J_aSIgg", "p256dh": "{BROWSER}"}}'
    subscription = subscription_of(f'{{"endpoint": "https://push.example.net/x", "keys": {keys}}}')
    own = ec.derive_private_key(
        int.from_bytes(from_base64("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big"), ec.SECP256R1()
    )
    assert subscription is not None

    body = encrypted(
        subscription, b"When I grow up, I want to be a watermelon", own, from_base64("DGv6ra1nlYgDCS1FRnbzlw")
    )

    assert to_base64(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6P"
        "Bru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "13800000000",
        '{"endpoint": "https://x"}',
        '{"endpoint": "https://x", "keys": {"auth": "BTBZMqHH6r4Tts7J_aSIgg", "p256dh": "BCVx"}}',
        f'{{"endpoint": "https://x", "keys": {{"auth": "BTBZ", "p256dh": "{BROWSER}"}}}}',
    ],
)
def test_what_is_no_subscription_is_none(text: str) -> None:
    assert subscription_of(text) is None
