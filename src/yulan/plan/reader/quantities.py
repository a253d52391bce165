"""Printed quantities: a number and its unit, found in running text. Dates, ordinals and document numbers are none.

A number counts only with a unit or measure word. A Chinese numeral counts only where it is a real count: 三百二十个 is
one, 三个代表, 第三次 and 一批 are not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from yulan.plan.reader.dates import PERIOD
from yulan.plan.reader.numerals import SCALES, decimal_string, han_number

MONEY = ["人民币元", "港元", "美元", "欧元", "日元", "英镑", "元"]
PEOPLE = ["人次", "人日", "人天", "人", "名", "位", "户次", "户", "岁", "个家庭"]
_COUNTS_TEXT = (
    "个 家 所 座 项次 项 件次 件 批次 批 次 届 场次 场 期 条 处 只 头 羽 辆 台 套 艘 架次 架 列 班次 班 "
    "间 栋 幢 册 部 篇 幅 支 枚 份 张 卷 种 类 门 组 对 株 棵 尾 匹 盏 块 片 眼 口 孔 宗 起 例 本 首 款 "
    "户次 车次 班列 床位 张床位 席 届次 标箱 标准箱 箱 艘次 笔 单 只次 枝 盆 筐 窝 峰 字 页 课时 学时 户"
)
COUNTS = _COUNTS_TEXT.split()
_MEASURES_TEXT = (
    "平方公里 平方千米 平方米 平方厘米 立方米 立方千米 公顷 亩次 亩 公里 千米 海里 厘米 毫米 米 吨公里 "
    "人公里 吨标准煤 吨标煤 吨 公斤 千克 毫克 微克 克 市斤 斤 升 千瓦时 千瓦 兆瓦时 兆瓦 吉瓦时 吉瓦 "
    "度电 千伏安 标准立方米 个标准箱 分贝 摄氏度 ℃ 分钟 小时 天 个工作日 工作日 个月 个小时 年 英里 英尺 "
    "蒲式耳 桶 载重吨 总吨 焦耳 大卡 千卡"
)
MEASURES = _MEASURES_TEXT.split()
_LATIN_TEXT = (
    "km² km2 km m² m2 m³ m3 ㎡ ㎞ hm² hm2 ha kWh kW MWh MW GWh GW TWh kg mg TEU GB TB PB Mbps Gbps Tbps dB mm cm"
)
LATIN = _LATIN_TEXT.split()
RATES = ["个百分点", "百分点", "个基点", "%", "‰", "倍"]
_PLAIN = sorted({*MONEY, *PEOPLE, *COUNTS, *MEASURES}, key=len, reverse=True)
_UNIT = (
    "(?:" + "|".join(map(re.escape, RATES)) + "|"
    r"(?:" + "|".join(_PLAIN) + r")(?:[（(][套台件个户人次家项]{1,3}[）)])?"
    r"(?:/(?:百|千|万|亿)?(?:" + "|".join(_PLAIN) + "))?"
    "|(?:" + "|".join(map(re.escape, LATIN)) + r")(?![A-Za-z0-9]))"
)  # fmt: skip
_SCALE = "(?:万亿|千亿|百亿|十亿|千万|百万|十万|亿|万|千|百)"
_SCALES = sorted(filter(None, SCALES), key=len, reverse=True)
_MORE = "[余多来]"
_NUMBER = r"(?:(?<!\d)\d{1,3}(?:,\d{3})+(?:\.\d{1,8})?|(?<!\d)\d{1,16}(?!\d)(?:\.\d{1,8})?)"
_HAN = "(?<![〇零一二两三四五六七八九十百千万亿])[〇零一二两三四五六七八九十百千万亿]{1,16}"
_TAIL = r"(?:有余|及?以上|以下|以内|以外|左右|上下|之多|之内|不等)"
_NOT = (
    r"(?P<not>(?:专栏|附件|附表|^[表图])\s{0,3}\d{1,3}(?![\d.])|https?://[^\s\u4e00-\u9fff]{1,500}|[A-Za-z0-9_.+-]{1,64}@[\w.-]{1,64}|"
    rf"{PERIOD.pattern.replace('?P<', '?P<x_')}"
    r"|(?:19|20)\d\d\s{0,3}[—–\-－~～至到/]{1,4}\s{0,3}(?:19|20)?\d\d(?:学年|年|财年)?|\d{4}\s{0,3}年(?:度)?(?:\d{1,2}\s{0,3}月(?:\d{1,2}\s{0,3}[日号])?)?"
    r"|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}\s{0,3}月(?:\d{1,2}\s{0,3}[日号])?|\d{1,2}[日号](?=[，。至起前后、]|$)|\d{2}年代|\d{1,2}世纪"
    r"|[〔\[［【]\s{0,3}\d{4}\s{0,3}[〕\]］】]\s{0,3}第?\s{0,3}\d{1,6}\s{0,3}号|第\s{0,3}[\d,]{1,12}(?:\s{0,3}[至到—-]\s{0,3}\d{1,12})?|前\s{0,3}\d{1,9}\s{0,3}(?:名|位|强|个月)?|(?<!\d)\d{1,12}\s{0,3}[号强级型线式版届](?!线路|泊位)"
    rf"|(?>[A-Za-z][A-Za-z.+-]{{0,12}}\d[A-Za-z0-9.-]{{0,24}})(?!{_SCALE}?(?:{_UNIT}))"
    r"|\d{3,4}-\d{7,8}|(?<!\d)\d{1,9}(?:\.\d{1,6})?(?:\s?[:：∶/]\s?\d{1,9}(?:\.\d{1,6})?)+|(?<!\d)\d{1,16}(?:\.\d{1,8})?(?>[A-Za-z]{1,12})(?![²³])(?<!km)(?<!kg)(?<!ha)(?<!kW)"
    r"(?<!MW)(?<!GW)(?<!kWh)(?<!MWh)(?<!GWh)(?<!TWh)(?<!TEU)(?<!GB)(?<!TB)(?<!PB)(?<!bps)(?<!mm)(?<!cm)(?<!dB)(?<!mg)(?<!km2)(?<!m))"
)  # fmt: skip
_ARABIC = (
    rf"(?P<sign>(?:(?<![\d\u4e00-\u9fff%％])|(?<=[为是达比长率速]))[-−－+])?(?P<low>{_NUMBER})(?:\s?(?P<lowunit>{_SCALE}?(?:%|‰|{_UNIT})?)\s?[—–\-－~～至到]{{1,4}}\s?(?P<high>{_NUMBER}))?"
    rf"\s?(?P<more1>{_MORE})?(?P<scale>{_SCALE})?(?P<more2>{_MORE})?\s?(?:(?P<unit>{_UNIT})(?P<more3>[余多](?![种样个项次方元层]))?|(?<=[万亿]))\s?(?P<tail>{_TAIL})?"
)
_CHINESE = (
    rf"百分之(?P<percent>{_HAN}(?:点{_HAN})?|{_NUMBER})(?P<ptail>{_TAIL})?"
    rf"|(?P<han>{_HAN})(?P<hmore>{_MORE})?(?P<hscale>{_SCALE})?(?P<hmore2>{_MORE})?(?P<hunit>{_UNIT})(?P<htail>{_TAIL})?"
)
_FIND = re.compile(f"{_NOT}|{_ARABIC}|{_CHINESE}")
_WHOLE_UNIT = re.compile(f"{_SCALE}?{_UNIT}")
_ROUND = re.compile("(?:近|约|上|逾|超|过|突破)$")
_BARE = ("百", "千", "万", "亿", "百万", "千万", "百亿", "千亿")
"""Numerals that count only when they are rounded: 近百家, 突破千万人次."""
_DOING = re.compile(
    "(?:建成|新建|改建|扩建|新增|建立|建设|完成|实施|引进|培育|创建|组建|设立|开通|关闭|改造|投入|举办|签订|签约|签署|援建|修建|派出|达成|共有|现有"
    "|拥有|设有|共|有|达到|达|增加|减少|超过|近|约|增长|提高|下降|翻|增至|分为|配备|购置|安排|新开工|竣工|投产|入驻|落户|培训|接待|累计|先后|至少)了?$"
)
_REAL_TEXT = (
    "个 家 所 座 项 名 人 位 户 条 处 台 套 辆 艘 架 间 栋 批 次 件 场 亩 公里 吨 倍 个百分点 百分点 元 人次 批次"
)
_REAL = frozenset(_REAL_TEXT.split())
_BUILT = frozenset("所家座间栋辆台套条")
_BUILDING = re.compile("(?:建成|新建|改建|扩建|援建|修建|改造|购置|配备|引进)了?[\u4e00-\u9fff、“”]{2,10}$")
_IDIOM = re.compile("[“‘《][^”’》]*$")


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number with its unit, at ``start``–``end`` of a narrow text; ``after`` holds 余, 以上 … as printed.

    ``amount`` is the value in ``base`` units (11.27亿元: 1127000000 元); ``step`` is one of its last printed place.
    """

    start: int
    end: int
    value: str
    unit: str
    after: tuple[str, ...]
    base: str
    amount: Decimal
    step: Decimal


def quantities(text: str, start: int = 0) -> Iterator[Quantity]:
    """Every quantity of a narrow text from ``start`` on, in order."""
    for found in _FIND.finditer(text, start):
        if found["not"] is not None:
            continue
        if found["low"] is not None:
            yield from _arabic(text, found)
        elif found["percent"] is not None:
            yield from _percent(found)
        elif found["han"] is not None and (quantity := _chinese(text, found)):
            yield quantity


@cache
def base_of(unit: str) -> tuple[str, int]:
    """The unit without its scale word, and the power of ten: 万人次 → (人次, 4), % → (%, 0). 人, 名 and 位 are one."""
    scale = next((s for s in _SCALES if unit.startswith(s)), "")
    if unit[len(scale) :] in ("", "伏安") and scale not in ("万", "亿", "万亿"):
        scale = ""
    if unit.startswith(("千瓦", "千米", "千克", "千伏", "千卡", "百分点")) and len(scale) == 1:
        scale = ""
    core = unit[len(scale) :]
    return {"名": "人", "位": "人", "百分点": "个百分点", "人民币元": "元"}.get(core, core), SCALES[scale]


def is_unit(text: str) -> bool:
    """True for a unit or measure word as printed: 亿元, %, 万人, 平方公里."""
    return bool(_WHOLE_UNIT.fullmatch(text))


def quantity_of(number: str, unit: str) -> Quantity:
    """A quantity that stands by itself, as in a table. ``number`` is as printed, its minus sign included."""
    return _make(0, len(number), decimal_string(number), unit, ())


def _make(start: int, end: int, value: str, unit: str, after: tuple[str | None, ...]) -> Quantity:
    base, power = base_of(unit)
    number = Decimal(value)
    exponent = number.as_tuple().exponent
    places = exponent if isinstance(exponent, int) else 0
    return Quantity(
        start,
        end,
        value,
        unit,
        tuple(a for a in after if a),
        base,
        number.scaleb(power),
        Decimal(1).scaleb(places + power),
    )


def _arabic(text: str, found: "re.Match[str]") -> Iterator[Quantity]:
    unit = (found["scale"] or "") + (found["unit"] or "")
    number = decimal_string(found["high"] or found["low"])
    if len(number) > 30 or text[found.start() - 1 : found.start()] in ("第", "/", "No"):
        return
    if (unit == "年" and not _lasting(text, found)) or _sizes(text, found, unit, found["tail"]):
        return
    after = (found["more1"], found["more2"], found["more3"], found["tail"])
    if found["high"]:
        low_unit = found["lowunit"] or ""
        low_unit = low_unit if base_of(low_unit)[0] else low_unit + (found["unit"] or "")
        yield _make(
            found.start(), found.end("low"), decimal_string(found["low"]), low_unit if found["lowunit"] else unit, ()
        )
        yield _make(found.start("high"), found.end(), number, unit, after)
    else:
        sign = "-" if found["sign"] in ("-", "−", "－") else ""
        yield _make(found.start(), found.end(), sign + number, unit, after)


def _lasting(text: str, found: "re.Match[str]") -> bool:
    """True if 年 counts a duration that is a result (人均受教育年限10.5年), not a date or a stretch of time."""
    return "." in found["low"] or bool(
        re.search("(?:达到?|为|至|到|年限|寿命|工期)[近约]?$", text[max(0, found.start() - 4) : found.start()])
    )


def _sizes(text: str, found: "re.Match[str]", unit: str, tail: str | None) -> bool:
    """True if the number only says which are counted: 5亿元以上项目45个, 过100亿元企业2家, 60岁及以上人口."""
    if unit == "%" or base_of(unit)[0] in COUNTS:
        return False
    if unit == "岁" and not tail:
        return bool(re.match("的?[\u4e00-\u9fff]", text[found.end() : found.end() + 2]))
    if tail in ("以上", "及以上", "以下", "以内"):
        return bool(re.match("的?[\u4e00-\u9fff]", text[found.end() : found.end() + 2]))
    over = text[max(0, found.start() - 2) : found.start()].endswith(("过", "超"))
    return over and bool(re.match("的?[\u4e00-\u9fff]{2,6}\\d", text[found.end() : found.end() + 8]))


def _percent(found: "re.Match[str]") -> Iterator[Quantity]:
    whole, _point, part = found["percent"].partition("点")
    value = (
        decimal_string(whole)
        if whole[0].isdigit()
        else (str(n) if (n := han_number(whole)) is not None else "100" if whole == "百" else "")
    )
    if part and value:
        digits = [han_number(c) for c in part]
        value += "." + "".join(str(d) for d in digits if d is not None and d < 10)
    if value:
        yield _make(found.start(), found.end(), value, "%", (found["ptail"],))


def _chinese(text: str, found: "re.Match[str]") -> Quantity | None:
    numeral, unit, at = found["han"], found["hunit"], found.start("han")
    before = text[max(0, at - 12) : at]
    if (
        before.endswith(("第", "“", "‘", "周", "初", "星期", "每", "其"))
        or _IDIOM.search(before)
        or unit in ("届", "年", "字", "口", "对", "片")
        or (unit == "期" and (len(numeral) == 1 or text[found.end() : found.end() + 1] in tuple("间末货限")))
    ):
        return None
    scale = found["hscale"] or ""
    value = han_number(numeral)
    if value is None:
        if numeral not in _BARE or not _ROUND.search(before):
            return None
        value, scale = 10 ** SCALES[numeral[0]], numeral[1:]
        return _make(at, found.end(), str(value), scale + unit, (found["hmore"], found["hmore2"], found["htail"]))
    if len(numeral) > 1 and numeral[-1] in "万亿" and not scale and (short := han_number(numeral[:-1])) is not None:
        value, scale = short, numeral[-1]
    if _sizes(text, found, scale + unit, found["htail"]):
        return None
    more = found["hmore"] or found["hmore2"]
    if len(numeral) == 1 and not scale and not (numeral == "十" and more) and not _counted(before, numeral, unit):
        return None
    return _make(at, found.end(), str(value), scale + unit, (found["hmore"], found["hmore2"], found["htail"]))


def _counted(before: str, numeral: str, unit: str) -> bool:
    """True if one digit is a count: 建成三所学校, 增长一倍; not 一个, 三个方面."""
    if unit in ("个百分点", "百分点", "倍") and numeral != "零":
        return bool(_DOING.search(before))
    done = _DOING.search(before) or (unit in _BUILT and _BUILDING.search(before))
    return numeral in "两三四五六七八九十" and unit in _REAL and bool(done)
