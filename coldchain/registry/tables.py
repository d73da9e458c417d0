"""Every table that a file may have, each field with its Chinese and English heading and what else is understood.

These tables are read by the readers, the checks, the template, the export and the difference, so a heading that
one of them knows the others know, too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from coldchain.people.forms import Account, Dialled, Mail, Quiet, WeekHours, role_word
from coldchain.registry import vocabulary as words
from coldchain.registry.cells import Both
from coldchain.registry.fences import LARGEST_M, SMALLEST_M
from coldchain.registry.forms import (
    DEGREES,
    Channel,
    Corners,
    CreditCode,
    Day,
    Form,
    Gln,
    Hours,
    Ident,
    Instant,
    Number,
    OwnIdent,
    Phone,
    Several,
    Word,
    Zone,
)

CELSIUS: Both = ("(°C)", " (°C)")
SECONDS: Both = ("(秒)", " (s)")
METRES: Both = ("(米)", " (m)")


@dataclass(frozen=True, slots=True)
class Field:
    """One column.

    Attributes:
        name: field of the change entry; ``operator.name`` in a site's row belongs to its operator.
        also: other headings that are understood.
        required: a new row must have it.
        refers: the table whose id it is.
        example: what the template's row says.
    """

    name: str
    zh: str
    en: str
    form: Form = Form()  # noqa: RUF009 - frozen
    also: tuple[str, ...] = ()
    required: bool = False
    refers: str = ""
    example: object = ""

    def heading(self, language: str) -> str:
        """Return the heading in ``zh`` or ``en``."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Kind:
    """One table.

    Attributes:
        name: as in TOML, ``[[site]]``; the same word as the change entry's ``put``.
        key: the fields that say which row it is; a second row with the same ones is a fault.
        note: what it is for.
        told_by: columns of which one is always there; without one of them headings mean another table.
    """

    name: str
    zh: str
    en: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    note: Both
    also: tuple[str, ...] = ()
    told_by: tuple[str, ...] = ()

    def title(self, language: str) -> str:
        """Return the sheet's name in ``zh`` or ``en``."""
        return self.zh if language == "zh" else self.en

    def field(self, name: str) -> Field:
        """Return a field by its name."""
        return next(each for each in self.fields if each.name == name)


def _operator(name: str = "operator", *, required: bool = False) -> Field:
    also = ("运营商", "经营者编码", "经营主体编码", "operator")
    return Field(
        name, "运营商编码", "operator id", Ident(), also, required=required, refers="operator", example="EXAMPLE-CO"
    )


def _site(zh: str = "门店编码", en: str = "site id", example: str = "EXAMPLE-001") -> Field:
    also = ("网点编码", "店铺编码", "门店编号", "网点编号", "所在网点", "site", "store code", "车辆编码")
    return Field("site", zh, en, Ident(), also, required=True, refers="site", example=example)


def _asset() -> Field:
    return Field("asset", "资产编号", "asset id", Ident(), ("设备编号", "资产编码", "asset"), required=True,
                 refers="asset", example="EXAMPLE-C1")  # fmt: skip


def _point() -> Field:
    return Field("point", "测点编号", "point id", Ident(), ("测点", "point"), required=True, refers="point",
                 example="EXAMPLE-C1.product")  # fmt: skip


_CHANNEL = ("探头名称", "通道", "channel", "探头编号", "senml")
_EXAMPLE_CHANNEL = "EXAMPLE-probe:temperature"


def _channel() -> Field:
    return Field("channel", "探头", "probe", Channel(), _CHANNEL, required=True, example=_EXAMPLE_CHANNEL)


def _person() -> Field:
    return Field("person", "人员编码", "person id", Ident(), ("工号", "员工编号", "人员编号", "person"), required=True,
                 refers="person", example="EXAMPLE-P1")  # fmt: skip


def _role() -> Field:
    return Field("role", "角色", "role", role_word(), ("岗位", "职务"), required=True, example="store-manager")


def _there(example: str = "") -> tuple[Field, Field]:
    """Site or region of a duty: neither is everywhere."""
    return replace(_site(example=example), required=False), _region()


def _region(example: str = "") -> Field:
    return Field("region", "区域编码", "region id", Ident(), ("区域", "大区", "所属区域", "region"), refers="region",
                 example=example)  # fmt: skip


def _from(zh: str = "开始时间", en: str = "from", name: str = "from_ms", *, required: bool = False) -> Field:
    return Field(name, zh, en, Instant(), ("起", "生效时间", "自", name), required=required,
                 example="2026-05-01T08:00:00+08:00")  # fmt: skip


_TO = Field("to_ms", "结束时间", "to", Instant(), ("止", "至", "to_ms"))

_LICENCE = (
    Field("credit_code", "统一社会信用代码", "credit code", CreditCode(), ("信用代码", "credit_code", "uscc"),
          example="91350100M000100Y43"),
    Field("licence", "食品经营许可证编号", "licence",
          also=("许可证编号", "食品经营许可证", "许可证号", "licence number"),
          example="JY13501000000000"),
    Field("licence_until", "许可证有效期", "licence until", Day(), ("许可证有效期至", "食品经营许可证有效期",
          "licence_until"), example="2031-03-31"),
)  # fmt: skip

_PLACE = (
    Field("longitude", "经度", "longitude", DEGREES[1], ("lon", "lng"), example=121.45),
    Field("latitude", "纬度", "latitude", DEGREES[0], ("lat",), example=31.18),
    Field("coordinates", "坐标系", "coordinate system", Word(words=words.COORDINATES), ("坐标系统", "coordinates"),
          example="GCJ-02"),
)  # fmt: skip

_LIMITS = (
    Field("high_celsius", "上限", "high limit", Number(what=CELSIUS),
          ("上限温度", "温度上限", "high_celsius", "high"),
          example=6),
    Field("low_celsius", "下限", "low limit", Number(what=CELSIUS), ("下限温度", "温度下限", "low_celsius", "low"),
          example=2),
    Field("on_delay_s", "报警延时(秒)", "on-delay (s)", Number(1800, low=0, what=SECONDS, whole=True),
          ("报警延时", "on_delay_s", "on-delay"), example=1800),
    Field("deadband_kelvin", "回差", "deadband (K)", Number(0.5, low=0), ("回差(K)", "deadband", "deadband_kelvin"),
          example=0.5),
    Field("return_delay_s", "恢复延时(秒)", "return delay (s)", Number(300, low=0, what=SECONDS, whole=True),
          ("恢复延时", "return_delay_s", "return delay"), example=300),
    Field("severity", "报警级别", "severity", Word("warning", words.SEVERITIES), ("级别",), example="warning"),
)  # fmt: skip

_ALLOWED = tuple(
    Field(name, zh, en, Number(0, low=0, what=SECONDS, whole=True), (name,), example=0)
    for name, zh, en in (
        ("day_high_s", "一日内允许超上限(秒)", "above the limit in a day (s)"),
        ("day_low_s", "一日内允许低于下限(秒)", "below the limit in a day (s)"),
        ("life_high_s", "全程允许超上限(秒)", "above the limit in all (s)"),
        ("life_low_s", "全程允许低于下限(秒)", "below the limit in all (s)"),
    )
)

ALLOWED_FIELDS = tuple(field.name for field in _ALLOWED)
"""Of limits, and not of a point's row."""

LIMIT_FIELDS = tuple(field.name for field in _LIMITS)

TABLES = (
    Kind(
        "operator", "运营商", "operators", ("id",),
        (
            Field("id", "运营商编码", "operator id", OwnIdent(), ("经营者编码", "经营主体编码", "id"), required=True,
                  example="EXAMPLE-CO"),
            Field("name", "运营商名称", "operator name", also=("经营者名称", "经营者", "公司名称", "名称", "name"),
                  required=True, example="示例乳业有限公司"),
            *_LICENCE,
        ),
        ("对网点负责的公司或个体经营者", "companies that answer for sites"),
        ("经营者", "operator"),
    ),
    Kind(
        "region", "区域", "regions", ("id",),
        (
            Field("id", "区域编码", "region id", OwnIdent(), ("大区编码", "id"), required=True,
                  example="EXAMPLE-EAST"),
            Field("name", "区域名称", "region name", also=("名称", "大区名称", "name"), required=True,
                  example="示例大区"),
            Field("parent", "上级区域编码", "parent region", Ident(), ("上级区域", "parent"), refers="region"),
        ),
        ("网点归谁管;区域之下可有区域", "parts of the country that somebody answers for; regions may lie in regions"),
        ("大区", "region"),
    ),
    Kind(
        "site", "网点", "sites", ("id",),
        (
            Field("id", "门店编码", "site id", OwnIdent(),
                  ("网点编码", "店铺编码", "门店编号", "网点编号", "编码", "id",
                  "store code"), required=True, example="EXAMPLE-001"),
            Field("name", "门店名称", "site name", also=("网点名称", "店名", "名称", "name", "store name"),
                  required=True,
                  example="示例路店"),
            Field("kind", "网点类型", "site kind", Word(words=words.SITE_KINDS), ("类型", "门店类型", "kind"),
                  required=True,
                  example="shop"),
            _operator(),
            Field("operator.name", "运营商名称", "operator name", also=("经营者名称", "经营者", "公司名称"),
                  example="示例乳业有限公司"),
            *(Field(f"operator.{each.name}", each.zh, each.en, each.form, each.also, example=each.example)
              for each in _LICENCE),
            _region("EXAMPLE-EAST"),
            Field("address", "地址", "address", also=("门店地址", "详细地址"), example="上海市徐汇区示例路 1 号"),
            *_PLACE,
            Field("manager", "负责人", "manager", also=("店长", "门店负责人"), example="张三"),
            Field("food_safety_officer", "食品安全员", "food safety officer", also=("食安员", "food_safety_officer"),
                  example="李四"),
            Field("phone", "手机", "phone", Phone(),
                  ("电话", "联系电话", "手机号", "手机号码", "mobile", "telephone"),
                  example="13800000000"),
            Field("opening_hours", "营业时间", "opening hours", Hours(), ("opening_hours",), example="08:00-22:00"),
            Field("timezone", "时区", "time zone", Zone(), ("timezone",), example="Asia/Shanghai"),
            Field("jurisdiction", "适用法规", "jurisdiction", Word("CN", words.JURISDICTIONS), example="CN"),
            Field("gln", "位置码(GLN)", "GLN", Gln(), ("GLN", "全球位置码", "位置码"), example="6901234000009"),
        ),
        ("门店、仓库、工厂、奶站;一行可同时写明运营商",
              "shops, warehouses, plants, stations; a row may name its operator"),
        ("门店", "门店清单", "网点清单", "site", "stores", "shops"),
    ),
    Kind(
        "carrier", "承运商", "carriers", ("id",),
        (
            Field("id", "承运商编码", "carrier id", OwnIdent(), ("承运单位编码", "id"), required=True,
                  example="EXAMPLE-CARRIER"),
            Field("name", "承运商名称", "carrier name", also=("承运商", "承运单位", "名称", "name"), required=True,
                  example="示例物流"),
            Field("credit_code", "统一社会信用代码", "credit code", CreditCode(), ("信用代码", "credit_code", "uscc"),
                  example="91350100M000100Y43"),
            Field("licence", "道路运输经营许可证号", "road transport licence",
                  also=("道路运输经营许可证", "道路运输许可证号", "许可证号", "licence"), example="310000000000"),
            Field("licence_until", "许可证有效期", "licence until", Day(), ("许可证有效期至", "licence_until"),
                  example="2029-06-30"),
            Field("phone", "调度电话", "phone", Phone(), ("电话", "联系电话", "手机", "mobile", "telephone"),
                  example="02100000000"),
            Field("audited_until", "审核有效期", "audited until", Day(), ("审核有效期至", "audited_until"),
                  example="2027-01-31"),
        ),
        ("运输货物的公司;车辆按编码或名称指明承运商",
              "companies that carry goods; a vehicle names its carrier by id or name"),
        ("承运单位", "承运商清单", "carrier"),
    ),
    Kind(
        "vehicle", "车辆", "vehicles", ("site",),
        (
            Field("site", "车辆编码", "vehicle id", OwnIdent(), ("site", "车辆编号"), example="EXAMPLE-T1"),
            Field("plate", "车牌", "plate", also=("车牌号", "车牌号码"), required=True, example="沪A·D00000"),
            Field("model", "车型", "model", also=("车辆型号", "品牌型号"), example="4.2 米冷藏车"),
            Field("carrier", "承运商", "carrier", also=("承运单位",), example="示例物流"),
            Field("road_licence", "道路运输证号", "road licence",
                  also=("道路运输证", "道路运输证编号", "road_licence"),
                  example="000000000000"),
            Field("milk_permit", "准运证号", "milk permit",
                  also=("生鲜乳准运证号", "准运证明编号", "准运证", "milk_permit")),
            Field("milk_permit_until", "准运证有效期", "milk permit until", Day(), ("准运证有效期至", "有效期",
                  "准运证号有效期", "milk_permit_until")),
            Field("site.name", "车辆名称", "vehicle name", also=("名称", "车辆"), example="示例配送车"),
            _operator("site.operator"),
            Field("site.region", "区域编码", "region id", Ident(), ("区域", "所属区域"), refers="region"),
        ),
        ("车辆本身也是网点;没有编码时由车牌得出",
              "a vehicle is a site, too; without an id it gets one from its plate"),
        ("车辆清单", "vehicle", "trucks"),
    ),
    Kind(
        "tenure", "转让", "tenures", ("site", "from_ms"),
        (_site(), _operator(required=True), _from(required=True), _TO),
        ("网点从某时起由另一运营商负责", "another operator answers for a site from a time on"),
        ("经营权", "tenure"),
    ),
    Kind(
        "site-state", "网点状态", "site states", ("site", "from_ms"),
        (
            _site(),
            Field("state", "状态", "state", Word(words=words.SITE_STATES), ("网点状态",), required=True,
                  example="open"),
            _from(required=True),
        ),
        ("开业、闭店", "opened, closed"),
        ("site-state",),
    ),
    Kind(
        "fence", "围栏", "fences", ("site", "effective_from_ms"),
        (
            _site(),
            _from("生效时间", "effective from", "effective_from_ms"),
            *_PLACE,
            Field("radius_m", "半径(米)", "radius (m)", Number(low=SMALLEST_M, high=LARGEST_M, what=METRES),
                  ("半径", "radius_m", "radius"), example=150),
            Field("polygon", "多边形", "polygon", Corners(), ("顶点", "polygon")),
            Field("learnt_from", "学习次数", "learnt from (stays)", Number(0, low=0, whole=True), ("learnt_from",)),
        ),
        ("车辆到店离店的范围,圆或多边形,按生效时间;没有时间即自始;都不填则恢复默认圆",
         "where a vehicle is at a site: a circle or a polygon, by time, else from the beginning; neither: the default"),
        ("电子围栏", "fence", "geofences"),
        ("radius_m", "polygon"),
    ),
    Kind(
        "asset-kind", "资产类型", "asset kinds", ("id",),
        (
            Field("id", "类型编码", "kind id", OwnIdent(), ("编码", "id"), required=True, example="EXAMPLE-KIND"),
            Field("name_zh", "中文名称", "Chinese name", also=("name_zh",), required=True, example="示例自提柜"),
            Field("name_en", "英文名称", "English name", also=("name_en",), required=True, example="pick-up locker"),
        ),
        ("标准类型之外的设备类型", "kinds of assets beside the standard ones"),
        ("设备类型", "asset-kind", "kinds"),
    ),
    Kind(
        "asset", "设备", "assets", ("id",),
        (
            Field("id", "资产编号", "asset id", OwnIdent(), ("设备编号", "资产编码", "id"), required=True,
                  example="EXAMPLE-C1"),
            Field("name", "资产名称", "asset name", also=("设备名称", "名称", "name"), required=True,
                  example="示例冷藏柜"),
            Field("kind", "类型", "asset kind", also=("资产类型", "设备类型", "kind"), required=True,
                  example="glass-door-cooler"),
            _site(),
            Field("model", "品牌型号", "model", also=("型号", "品牌"), example="示例 SC-400"),
            Field("volume_litre", "容积(升)", "volume (l)", Number(low=0), ("容积", "volume_litre", "volume"),
                  example=400),
            Field("in_service", "启用日期", "in service since", Day(), ("投用日期", "in_service"),
                  example="2024-05-01"),
        ),
        ("冷藏柜、冷库、车厢、奶罐", "coolers, rooms, reefer bodies, tanks"),
        ("资产", "设备清单", "资产清单", "asset"),
    ),
    Kind(
        "assignment", "移机", "moves", ("asset", "from_ms"),
        (_asset(), _site(), _from(required=True), _TO),
        ("设备从某时起在另一网点", "an asset stands at another site from a time on"),
        ("assignment", "assignments"),
    ),
    Kind(
        "activity", "设备状态", "asset states", ("asset", "from_ms"),
        (
            _asset(),
            Field("state", "状态", "state", Word(words=words.ACTIVITIES), ("设备状态",), required=True,
                  example="in-use"),
            _from(required=True),
            _TO,
        ),
        ("在用、停用、报废、清洁、载货等;有结束时间的到时自动恢复",
         "in use, stored, retired, cleaning, loaded …; one with an end ends by itself"),
        ("activity", "activities"),
    ),
    Kind(
        "node", "网关", "gateways", ("id",),
        (
            Field("id", "网关编号", "gateway id", OwnIdent(), ("网关编码", "id", "node"), required=True,
                  example="EXAMPLE-GW1"),
            _site(),
            Field("keys", "公钥", "keys", Several(hex64=True), ("key",)),
            Field("revoked", "作废公钥", "revoked keys", Several(hex64=True), ("revoked",)),
            Field("evidence", "数据来源类别", "evidence", Word("sealed-on-site", words.EVIDENCE),
                  example="sealed-on-site"),
            Field("grants", "授权探头", "granted probes", Several(), ("grants",)),
            Field("replaces", "替换的网关", "replaces"),
            Field("retired_ms", "退役时间", "retired", Instant(), ("retired_ms",)),
        ),
        ("签名的网关;公钥可稍后补登", "gateways that seal; keys may come later"),
        ("node", "nodes", "gateway"),
    ),
    Kind(
        "point", "测点", "points", ("id",),
        (
            Field("id", "测点编号", "point id", OwnIdent(), ("测点编码", "id"), required=True,
                  example="EXAMPLE-C1.product"),
            _asset(),
            Field("position", "位置", "position", Word(words=words.POSITIONS, any_word=True), ("测点位置",),
                  required=True,
                  example="product"),
            Field("quantity", "测量量", "quantity", Word(words=words.QUANTITIES, any_word=True), ("测量项目", "参数"),
                  required=True, example="temperature"),
            Field("interval_s", "采集间隔(秒)", "interval (s)", Number(low=1, what=SECONDS, whole=True),
                  ("采集间隔", "间隔", "interval_s", "interval"), required=True, example=300),
            Field("unit", "单位", "unit", Form()),
            Field("profile", "产品温度档案", "profile"),
            Field("channel", "探头", "probe", Channel(), _CHANNEL, example=_EXAMPLE_CHANNEL),
            Field("from_ms", "探头启用时间", "probe since", Instant(), ("from_ms",)),
            *_LIMITS,
        ),
        ("设备里的一个位置、其探头与限值;首次登记自始有效,以后的改动自导入时起",
         "a place in an asset, its probe and its limits: the first hold from the beginning, later ones from now on"),
        ("point", "测点清单"),
    ),
    Kind(
        "probe", "探头", "probes", ("channel",),
        (
            _channel(),
            Field("model", "探头型号", "probe model", also=("型号", "model"), example="示例 T-1"),
            Field("serial", "探头序列号", "serial number", also=("序列号", "serial"), example="00000000"),
            Field("state", "探头状态", "probe state", Word("in-use", words.PROBE_STATES), ("状态", "state"),
                  example="in-use"),
        ),
        ("探头的型号、序列号与状态", "a probe's model, serial number and state"),
        ("probe",),
    ),
    Kind(
        "binding", "装拆记录", "bindings", ("channel", "from_ms"),
        (_channel(), _point(), _from(), _TO),
        ("探头何时在哪个测点;没有开始时间即自始", "which probe was where when; without a start from the beginning"),
        ("探头更换", "binding"),
    ),
    Kind(
        "calibration", "校准", "calibrations", ("channel", "effective_from_ms"),
        (
            _channel(),
            _from("校准时间", "effective from", "effective_from_ms", required=True),
            Field("offset_kelvin", "修正值", "offset (K)", Number(low=-20, high=20, what=("(K)", " (K)")),
                  ("修正值(K)", "offset", "offset_kelvin", "修正"), required=True, example=0.1),
            Field("certificate", "证书编号", "certificate", also=("校准证书号", "证书号"), example="示例证书"),
            Field("valid_until", "校准有效期", "valid until", Day(), ("有效期至", "有效期", "valid_until"),
                  example="2027-03-31"),
            Field("by", "校准机构", "by", also=("校准单位",), example="示例计量院"),
        ),
        ("校准证书与修正值(标准值减探头值)", "certificates and offsets (reference minus probe)"),
        ("calibration",),
    ),
    Kind(
        "comparison", "比对", "comparisons", ("channel", "at_ms"),
        (
            _channel(),
            _from("比对时间", "compared at", "at_ms", required=True),
            Field("reference_celsius", "标准值", "reference (°C)", Number(low=-100, high=200, what=CELSIUS),
                  ("标准温度", "reference_celsius", "reference"), required=True, example=4.0),
            Field("by", "比对人", "by"),
        ),
        ("探头旁的标准温度计读数", "what a reference thermometer beside the probe said"),
        ("现场比对", "comparison"),
    ),
    Kind(
        "limit-rule", "限值记录", "limits", ("point", "effective_from_ms"),
        (_point(), _from("生效时间", "effective from", "effective_from_ms"), *_LIMITS, *_ALLOWED),
        ("测点的限值,按生效时间;没有时间即自始", "a point's limits by time; without a time from the beginning"),
        ("limit-rule", "限值"),
    ),
    Kind(
        "person", "人员", "people", ("id",),
        (
            Field("id", "人员编码", "person id", OwnIdent(), ("工号", "员工编号", "人员编号", "id"), required=True,
                  example="EXAMPLE-P1"),
            Field("name", "姓名", "person name", also=("name", "人员姓名"), required=True, example="张三"),
            Field("phone", "手机", "phone", Dialled(),
                  ("电话", "联系电话", "手机号", "手机号码", "mobile", "telephone"), example="13800000000"),
            Field("email", "邮箱", "mail", Mail(), ("电子邮箱", "电子邮件", "email", "e-mail"),
                  example="zhang.san@example.com"),
            Field("wecom", "企业微信账号", "WeCom id", Account(), ("企业微信", "企微账号", "wecom"),
                  example="zhangsan"),
            Field("dingtalk", "钉钉账号", "DingTalk id", Account(), ("钉钉", "dingtalk")),
            Field("feishu", "飞书账号", "Feishu id", Account(), ("飞书", "feishu", "lark")),
            Field("language", "语言", "language", Word("zh", words.LANGUAGES), example="zh"),
            Field("timezone", "时区", "time zone", Zone(), ("timezone",), example="Asia/Shanghai"),
            Field("quiet", "免打扰时段", "quiet hours", Quiet(), ("免打扰", "quiet"), example="22:00-07:00"),
            Field("state", "人员状态", "person state", Word("active", words.PERSON_STATES), ("状态", "state"),
                  example="active"),
        ),
        ("收到报警的人,以及怎样找到他们", "who hears of alarms, and how they are reached"),
        ("人员清单", "员工", "通讯录", "person", "staff", "contacts"),
    ),
    Kind(
        "duty", "职责", "duties", ("person", "role", "site", "region", "from_ms"),
        (
            _person(), _role(), *_there("EXAMPLE-001"),
            Field("hours", "在岗时段", "hours", WeekHours(), ("班次时段", "工作时间", "hours"),
                  example="mon-fri 08:00-20:00, sat 09:00-13:00"),
            _from(), _TO,
        ),
        ("谁在哪个网点或区域担任什么角色;网点、区域都不填即各处",
         "who has which role at a site or in a region; neither: everywhere"),
        ("岗位职责", "责任人", "duty", "responsibilities"),
    ),
    Kind(
        "shift", "值班", "shifts", ("person", "role", "site", "region", "from_ms"),
        (
            _person(), _role(), *_there("EXAMPLE-001"),
            Field("from_ms", "值班开始", "on call from", Instant(), ("开始时间", "开始", "起", "from", "from_ms"),
                  required=True, example="2027-02-06T20:00:00+08:00"),
            Field("to_ms", "值班结束", "on call to", Instant(), ("结束时间", "结束", "止", "to", "to_ms"),
                  required=True, example="2027-02-07T08:00:00+08:00"),
        ),
        ("某段时间由谁值班,优先于该角色在同一处的职责",
         "who is on call for a time; goes before duties of that role and place"),
        ("值班表", "排班", "shift", "on-call", "rota"),
    ),
    Kind(
        "holiday", "节假日", "holidays", ("day", "region"),
        (
            Field("day", "日期", "day", Day(), ("放假日期", "date"), required=True, example="2027-02-06"),
            Field("kind", "放假或调休", "day off or worked", Word("off", words.HOLIDAY_KINDS), ("类型", "kind"),
                  example="off"),
            Field("name", "节日名称", "holiday name", also=("节日", "名称", "name"), example="春节"),
            _region("EXAMPLE-EAST"),
        ),
        ("放假的日子与调休上班的周末;不填区域即各处",
         "days off, and weekends that are worked instead; without a region everywhere"),
        ("假日", "放假安排", "holiday", "calendar"),
    ),
)  # fmt: skip

BY_NAME = {kind.name: kind for kind in TABLES}

EXAMPLE = "EXAMPLE-"
"""Ids of the template's rows begin so; an import leaves such rows out and says it."""
