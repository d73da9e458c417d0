"""The columns of a list of trips, and of a list of their routes, with Chinese and English headings."""

from __future__ import annotations

from coldchain.registry.forms import Form, Ident, Instant, Number, OwnIdent, Phone, Word
from coldchain.registry.tables import Field, Kind
from coldchain.registry.vocabulary import COORDINATES, Words

KINDS: Words = {
    "raw-milk": ("生鲜乳", "raw milk", "生鲜乳运输", "奶源", "收奶", "raw-milk"),
    "distribution": ("配送", "distribution", "冷链配送", "送货"),
}
PURPOSES: Words = {
    "load": ("装货", "load", "装车", "装奶", "提货", "取货", "loading"),
    "unload": ("卸货", "unload", "卸车", "卸奶", "交货", "送货", "delivery", "unloading"),
    "return": ("返回", "return", "返程", "回场", "收车"),
}

_ROUTE = (
    Field("route", "路线", "route", Form(), ("计划路线", "轨迹", "polyline", "geojson")),
    Field("coordinates", "坐标系", "coordinate system", Word(words=COORDINATES), ("coordinates", "datum")),
)

TRIPS = Kind(
    "trip",
    "运单",
    "trips",
    ("id", "stop"),
    (
        Field("id", "运单编号", "trip id", OwnIdent(), ("运单号", "行程编号", "任务单号", "trip"), required=True),
        Field("kind", "运输类型", "trip kind", Word(words=KINDS), ("类型", "kind")),
        Field("vehicle", "车辆", "vehicle", Form(), ("车辆编码", "车牌", "车牌号", "plate", "vehicle id")),
        Field("carrier", "承运商", "carrier", Form(), ("承运单位", "carrier id")),
        Field("driver", "司机", "driver", Form(), ("驾驶员", "driver name")),
        Field("driver_phone", "司机电话", "driver phone", Phone(), ("驾驶员电话", "司机手机")),
        Field("escort", "押运员", "escort", Form()),
        Field("permit", "准运证明", "permit", Form(), ("准运证号", "准运证明编号", "permit number")),
        Field("order", "订单号", "order", Form(), ("调度单号", "order number", "tour")),
        Field("distance_km", "计划里程", "planned distance", Number(low=0), ("里程", "公里数", "distance km", "km")),
        *_ROUTE,
        Field("stop", "站序", "stop number", Number(low=1, whole=True), ("顺序", "stop")),
        Field("site", "网点编码", "site id", Ident(), ("站点", "门店编码", "奶站编码", "site"), required=True),
        Field("purpose", "作业", "purpose", Word(words=PURPOSES), ("作业类型", "装卸"), required=True),
        Field("arrives_ms", "计划到达", "planned arrival", Instant(), ("计划到达时间", "预计到达", "arrives")),
        Field("leaves_ms", "计划离开", "planned departure", Instant(), ("计划发车", "计划离开时间", "leaves")),
        Field("window_from_ms", "时间窗起", "window from", Instant(), ("最早到达", "收货开始")),
        Field("window_to_ms", "时间窗止", "window to", Instant(), ("最晚到达", "收货截止")),
        Field("quantity", "数量", "quantity", Number(low=0), ("计划数量",)),
        Field("unit", "单位", "unit", Form(), ("计量单位",)),
    ),
    (
        "每行一站,同一运单的行按行驶先后;运单的其余内容写在一行即可。时间为该站当地时间。",
        "A row a stop, in the order of driving; what concerns the whole trip may stand in one. Times are local.",
    ),
)  # fmt: skip

ROUTES = Kind(
    "route",
    "路线",
    "routes",
    ("id",),
    (Field("id", "运单编号", "trip id", OwnIdent(), ("运单号", "行程编号", "trip"), required=True), *_ROUTE),
    ("每行一个运单的路线和坐标系。", "A row the route of a trip and its coordinate system."),
)

OF_TRIP = (
    *("kind", "vehicle", "carrier", "driver", "driver_phone", "escort", "permit", "order"),
    *("distance_km", "route", "coordinates"),
)
OF_STOP = ("site", "purpose", "arrives_ms", "leaves_ms", "window_from_ms", "window_to_ms", "quantity", "unit")
