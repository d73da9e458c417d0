"""The words of a head office's list and the codes that the registry keeps: 门店 → ``shop``, 回风 → ``return-air``.

Each code has its Chinese word, its English word (both are written by templates and exports) and others that are
understood. A word that is none of them stays as it came where any word may stand (positions, quantities), and is a
fault where only these may (kinds, states).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

Words = Mapping[str, tuple[str, ...]]
"""Code → (中文, English, and what else is understood)."""

SITE_KINDS: Words = {
    "shop": ("门店", "shop", "店", "专卖店", "便利店", "超市", "store"),
    "warehouse": ("仓库", "warehouse", "冷库", "仓", "配送中心", "cold store"),
    "plant": ("工厂", "plant", "加工厂", "factory"),
    "station": ("奶站", "station", "收购站", "生鲜乳收购站", "milk station"),
    "vehicle": ("车辆", "vehicle", "车", "冷藏车", "奶罐车", "truck"),
}

ASSET_KINDS: Words = {
    "glass-door-cooler": ("玻璃门冷藏柜", "glass-door cooler", "冷藏柜", "玻璃门柜", "立式冷藏柜", "后补柜", "冰柜"),
    "open-multideck": ("风幕柜", "open multideck", "敞开式立柜", "风幕柜(敞开式)"),
    "island": ("岛柜", "island cabinet", "卧式岛柜"),
    "walk-in-room": ("冷藏库", "walk-in cold room", "冷藏间"),
    "freezer-room": ("冷冻库", "freezer room", "冷冻间"),
    "reefer": ("冷藏车厢", "reefer body", "车厢"),
    "tanker": ("奶罐车", "milk tanker", "奶罐"),
    "station-tank": ("奶站贮奶罐", "milk station tank", "贮奶罐", "直冷罐", "贮奶罐(直冷罐)"),
    "plant-silo": ("工厂奶仓", "plant silo", "奶仓"),
    "box": ("保温箱", "insulated box"),
}

POSITIONS: Words = {
    "return-air": ("回风", "return air"),
    "supply-air": ("出风", "supply air", "送风"),
    "product": ("产品", "product", "货物"),
    "top-front": ("前上", "top front", "上前"),
    "top": ("顶部", "top"),
    "middle": ("中部", "middle"),
    "front": ("前部", "front"),
    "rear": ("后部", "rear"),
    "air": ("空气", "air"),
    "milk": ("奶温", "milk", "奶"),
    "door": ("门", "door"),
    "unit": ("机组", "unit"),
    "ambient": ("环境", "ambient"),
    "mains": ("市电", "mains"),
}

QUANTITIES: Words = {
    "temperature": ("温度", "temperature"),
    "humidity": ("湿度", "humidity"),
    "door": ("门状态", "door", "门", "门磁"),
    "battery": ("电池", "battery", "电量"),
    "unit": ("机组", "unit", "制冷机组"),
    "defrost": ("化霜", "defrost", "除霜"),
    "mains": ("市电", "mains"),
    "set-point": ("设定温度", "set point"),
    "speed": ("车速", "speed"),
    "latitude": ("纬度", "latitude"),
    "longitude": ("经度", "longitude"),
}

UNITS = {
    "temperature": "Cel",
    "humidity": "%RH",
    "battery": "%EL",
    "latitude": "lat",
    "longitude": "lon",
    "set-point": "Cel",
    "speed": "m/s",
}
"""SenML unit (RFC 8428 §12.1) of a quantity whose row names none; a switch has none."""

ACTIVITIES: Words = {
    "in-use": ("在用", "in use", "启用"),
    "stored": ("停用", "stored", "空柜"),
    "retired": ("报废", "retired", "退役"),
    "cleaning": ("清洁停机", "cleaning", "清洗"),
    "parked": ("停放", "parked"),
    "pre-cooling": ("预冷", "pre-cooling"),
    "loading": ("装货", "loading", "装奶"),
    "loaded": ("载货", "loaded", "装车完"),
    "unloading": ("卸货", "unloading", "卸奶"),
    "returning-empty": ("空车返回", "returning empty", "空车"),
    "waiting": ("排队待卸", "waiting"),
}

SITE_STATES: Words = {"open": ("营业", "open", "开业"), "closed": ("关闭", "closed", "闭店")}

PROBE_STATES: Words = {
    "in-use": ("在用", "in use"),
    "to-check": ("待检", "to check"),
    "scrapped": ("报废", "scrapped"),
}

EVIDENCE: Words = {
    "sealed-on-site": ("现场签名", "sealed on site", "签名批次"),
    "authenticated-direct": ("认证直连", "authenticated direct"),
    "third-party": ("第三方", "third party"),
}

SEVERITIES: Words = {"warning": ("警告", "warning", "一般"), "critical": ("严重", "critical", "紧急")}

LANGUAGES: Words = {"zh": ("中文", "Chinese", "汉语"), "en": ("英文", "English", "英语")}

PERSON_STATES: Words = {"active": ("在职", "active"), "left": ("离职", "left", "已离职")}

HOLIDAY_KINDS: Words = {
    "off": ("放假", "off", "节假日", "休"),
    "work": ("调休上班", "work", "调休", "补班", "上班", "班"),
}

JURISDICTIONS: Words = {
    "CN": ("中国", "China"),
    "EU": ("欧盟", "European Union"),
    "US": ("美国", "United States"),
}

COORDINATES: Words = {
    "WGS-84": ("WGS-84", "WGS-84", "WGS84", "GPS"),
    "GCJ-02": ("GCJ-02", "GCJ-02", "GCJ02", "火星坐标", "高德", "腾讯", "高德/腾讯"),
    "BD-09": ("BD-09", "BD-09", "BD09", "百度", "百度坐标"),
}

PROVINCES = dict(
    zip(
        "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼",
        re.findall("..", "BJTJSHCQHEHAYNLNHLHNAHSDXJJSZJJXHBGXGSSXNMSNJLFJGZGDQHXZSCNXHI"),
        strict=True,
    )
)
"""First character of a number plate → letters of the province (GB/T 2260), for an id made from a plate."""

CLEAR = {"zh": "(空)", "en": "(empty)"}
"""What a cell says that takes a value away; an empty cell leaves what is known as it is."""


def plain(word: str) -> str:
    """Return a word as it is compared: half width, without spaces and case.

    >>> plain("ＷＧＳ－84 ") == plain("wgs-84")
    True
    """
    return "".join(unicodedata.normalize("NFKC", word).split()).casefold()


def code_of(words: Words, said: str) -> str | None:
    """Return the code of a word, None for a word that is none of them.

    >>> code_of(SITE_KINDS, "门店"), code_of(POSITIONS, "Return Air"), code_of(POSITIONS, "左侧")
    ('shop', 'return-air', None)
    """
    wanted = plain(said)
    for code, others in words.items():
        if wanted == plain(code) or any(wanted == plain(other) for other in others):
            return code
    return None


def word_of(words: Words, code: str, language: str) -> str:
    """Return the word for a code in ``zh`` or ``en``; the code itself where there is none."""
    return words[code][0 if language == "zh" else 1] if code in words else code


def id_of_plate(plate: str) -> str:
    """Return an id made from a number plate.

    >>> id_of_plate("沪A·D12345")
    'SH-AD12345'
    """
    letters = unicodedata.normalize("NFKC", plate).strip().upper()
    province = PROVINCES.get(letters[:1], "")
    rest = "".join(sign for sign in letters[1 if province else 0 :] if sign.isascii() and sign.isalnum())
    return f"{province}-{rest}" if province else rest
