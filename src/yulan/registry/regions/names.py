"""Full names of administrative divisions and their usual short forms (GB/T 2260 naming). Pure."""

import csv
import re
from functools import cache
from pathlib import Path

_PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|傈傈|佤|畲|拉祜|水|东乡|纳西|景颇|"
    "柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|鄂温克|保安|裕固|独龙|鄂伦春|各"
)
_ONE = f"(?:(?:{_PEOPLES})族)"
_BARE = "(?:蒙古|哈萨克|柯尔克孜|维吾尔|塔吉克|锡伯|回)"
_AUTONOMOUS = re.compile(rf"^(.+?)(?:{_ONE}+|{_BARE})?(自治区|自治州|自治县|自治旗)$")
_ETHNIC_DISTRICT = re.compile(rf"^(.+?){_ONE}区$")
_SUFFIX = re.compile(r"^(.{2,}?)(特别行政区|特区|林区|新区|地区|行政区|群岛|省|市|区|县|盟|旗)$")
_NO_SHORT = re.compile(
    r"(?:[左右]翼[中前后]?|[左右中前后])旗$|(?:矿|城|郊|市中|新市|市)区$|管理区$|^(?:城关|市中|新城|老城|东城|西城)区$"
)
GROUPINGS = frozenset(("市辖区", "县", "市", "直辖县级行政区划"))
"""Names of lines that only group counties under a municipality or province (500100): no places."""
LETTERS = {"自治州": "州", "自治县": "县", "自治旗": "旗"}

_WORDS = (
    "合作 东方 和平 新华 红旗 解放 前进 向阳 友好 河口 东风 长安 工农 平安 南山 西湖 东区 西区 东港 海港 城中 "
    "江北 江南 河东 河西 铁东 铁西 振兴 立山 南关 二道 大同 海南 东山 西山 通道 "
    "互助 石林 青山 桥东 桥西 大通 东安 西安 兴安 太平"
)
ORDINARY_WORDS = frozenset(_WORDS.split())
"""Short forms of counties that are also everyday words or far better known as something else: a text that
holds them is not speaking of the county. :func:`short_forms` leaves them out at county level."""


@cache
def stem(name: str) -> str:
    """The bare place name: without 省/市/县/区/地区/盟/旗/自治… and the names of peoples. Never empty.

    >>> stem("德宏傣族景颇族自治州"), stem("日喀则地区"), stem("内蒙古自治区"), stem("易县")
    ('德宏', '日喀则', '内蒙古', '易县')
    """
    if name == "内蒙古自治区":
        return "内蒙古"
    for pattern in (_AUTONOMOUS, _ETHNIC_DISTRICT, _SUFFIX):
        if found := pattern.match(name):
            return found.group(1)
    return name


@cache
def short_forms(name: str, level: str) -> tuple[str, ...]:
    """The short forms under which a place is usually written, the full name not included.

    ``level`` is province, prefecture or county. County names of one character (易县) and everyday words
    (合作市) have none.

    >>> short_forms("文山壮族苗族自治州", "prefecture"), short_forms("夷陵区", "county")
    (('文山', '文山州'), ('夷陵',))
    """
    if level == "county" and _NO_SHORT.search(name):
        return ()
    bare = stem(name)
    forms = [] if bare == name or (level == "county" and bare in ORDINARY_WORDS) else [bare]
    if (found := _AUTONOMOUS.match(name)) and (letter := LETTERS.get(found.group(2))):
        forms.append(bare + letter)
    return tuple(form for form in forms if len(form) > 1 and form != name)


@cache
def _english() -> dict[str, str]:
    with Path(__file__).with_name("english.csv").open(encoding="utf-8", newline="") as source:
        return {row["name"]: row["english"] for row in csv.DictReader(source)}


def name_in(name: str, lang: str) -> str:
    """The name for readers of a language: English for provinces, the paired areas and Shanghai's districts.

    Other names stay Chinese: pinyin would be wrong for most names of the border regions.
    """
    return _english().get(name, name) if lang.lower().startswith("en") else name
