"""Places named in running text, resolved to the region of that name on the document's day (GB/T 2260).

Short names are ordinary words too (安康, 白玉, 合作), so a short county name counts only beside its own province or
prefecture, in a list with a place of the same parent, or inside the document's home area; a full name that several
regions bear counts only where the context says which.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

from yulan.plan.reader.blocks import Paragraph
from yulan.plan.reader.reading import Place
from yulan.registry.regions.history import Gazetteer, RegionSpan

_WORDS_TEXT = (
    "安康 长治 中卫 海东 海北 海南 海西 大理 新乡 新余 来宾 白银 朝阳 日照 大同 兴安 三明 德州 大庆 南通 "
    "东方 中山 阿里 玉树 山南 伊春 吉安 广安 北海 黄南 云浮 丽水 达州 包头 河源 四平 安顺 昌吉 通化 平安 "
    "和平 公安 安定 长寿 南部 南岸 港口 通道 凤凰 大方 方正 尚志 富裕 友谊 共和 民乐 武功 永胜 团结 胜利 "
    "文明 光明 新建 新城 新华 建华 安宁 高要 兴国 宁国 太和 泰和 和顺 平和 安化 通海 明光 定安 集贤 民和 "
    "民权 正定 金山 金融 中方 开平 开化 清水 石门 平原 高原 高地 城口 北部 东部 中部 西部 上海路 城区 "
    "郊区 矿区 新区 市区 县城 青年 前锋 广场 江口 海口区 合江 西乡 东乡 上林 乐业 同心 互助 靖边 定边 "
    "安塞 永和 永新 永兴 安远 全南 定南 会同 广丰 富民 丰收 丰满 宽城 双阳 太子河 宏伟 文圣 文峰 文成 "
    "文水 文昌 文县 成武 当阳 沙市 都昌 化工 化州 水富 水城 金平 元阳 大关 大安 大邑 大化 大新 大田 大城 "
    "大厂 新河 新安 新民 新丰 新和 新野 新宁 新邵 新化 新田 新晃"
)
WORDS = frozenset(_WORDS_TEXT.split())
"""Names of prefectures and counties that are also everyday words or parts of such: they need their province."""
_NEEDS_CONTEXT_TEXT = (
    "新城区 老城区 城区 郊区 矿区 城中区 城东区 城西区 城北区 城南区 市中区 市南区 市北区 东城区 西城区 "
    "桥东区 桥西区 河东区 河西区 江北区 江南区 和平区 新华区 解放区 长安区 港口区 中原区 东区 西区 山区 "
    "海港区 中山区 青山区 友好区 前进区 向阳区 东风区 工农区 南山区"
)
NEEDS_CONTEXT = frozenset(_NEEDS_CONTEXT_TEXT.split())
"""Full names that are ordinary phrases or borne by many: never taken without context."""
STILL_SAID = 20 * 365
"""Days for which a name that was given up is still taken for the place."""
GROUPS = re.compile(
    "其[他它](?:地区|省区市|省市|省区|省份|市县|区县|县区)|泛珠三角|长江三角洲(?:地区)?|珠江三角洲(?:地区)?|长三角(?:地区)?|珠三角(?:地区)?|京津冀(?:地区)?|环渤海(?:地区)?|长江流域|长江经济带|黄河流域|淮河流域"
    "|三峡库区(?=的?重庆|的?湖北)?|沿江地区|沿海地区|沿边地区|中西部(?:地区)?|西部(?:地区)?(?=大开发|开发|地区|各|省|\\d|，|。|、|$)|东北(?:地区|老工业基地)?(?!亚|部|角|侧|方向)"
    "|中部地区|东部(?:沿海)?地区|西北地区|西南地区|华东地区|华北地区|华南地区|华中地区|港澳台?(?:地区)?|东中西部(?:地区)?|革命老区|民族地区|贫困地区"
    "|“一带一路”沿线(?:国家)?"
)
"""Groups of regions: they have no code, but figures are stated for them."""
_LETTER = re.compile(
    "(?<=[在来驻赴离进])[京津沪渝冀晋辽吉黑苏浙皖闽赣鲁豫鄂湘粤琼川黔滇陕甘青蒙桂宁新藏](?=[地设投资企办机的发展各举就务经高院考人产])"
)
_GENERIC = re.compile(
    "[\u4e00-\u9fff]{1,5}?(?:自治州|市|县|区|州|盟|旗|镇|乡)(?![市县区州])(?=[\u4e00-\u9fff\\d“《（]|$)"
)
_NO_NAME = re.compile(
    "重点|[全我本各受贫灾非两三四五六七八九十个]|^[省市县区州镇乡]|城镇|城乡|地区|园区|社区|城市|农村|小区|新区|景区|库区|山区|林区|牧区|灾区|区域|市场|县域|市政|市民|乡镇|乡村|市辖|区划|县级|市级|省级|行政"
    "|都市|超市|上市|夜市|股市|楼市|车市|开发|贸易|示范|试验|合作|校区|矿区|老区|城区|郊区|辖区|牧民|特区|疫区|片区|街区|厂区|棚户|建成区|核心|服务|保税"
)
_SIDES = {"江西", "河南", "湖南", "山东", "山西", "河北", "湖北", "海南", "广东", "广西"}
_JOIN = re.compile(r"(?:、|和|及|与|以及|等)?$")
_NUMBERED = re.compile(
    "[两二三四五六七八九十\\d]{1,3}个?(?:省区市|省市|市州|州市|县区|区县|市县|省区|省|市|州|县|区|地区|地)(?:（[市县区旗、]{1,5}）)?|地区|[州市县区](?![级区县域政民场])|等(?:地区?|省区?市?|州?市|县区?)"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A place at ``start``–``end`` of a text; ``span`` is its region, or None for a group of regions."""

    start: int
    end: int
    span: RegionSpan | None


@dataclass(frozen=True, slots=True)
class Run:
    """Places joined into one phrase (云南文山、红河等四州市) at ``start``–``end``, as printed."""

    start: int
    end: int


class Places:
    """Finds places in the texts of one document. ``home`` is the area the document speaks for, if known."""

    def __init__(self, on: date, home_text: str = "", gazetteer: Gazetteer | None = None) -> None:
        self._gazetteer = gazetteer or Gazetteer.load()
        self.on = on
        self._names = self._gazetteer.names_on(on)
        self._past = _former_names(self._gazetteer, on)
        lengths: dict[str, set[int]] = defaultdict(set)
        for name in (*self._names, *self._past):
            lengths[name[:2]].add(len(name))
        self._lengths = {head: sorted(sizes, reverse=True) for head, sizes in lengths.items()}
        self._known: set[str] = set()
        self.home: RegionSpan | None = None
        homes = [m.span for m in self.mentions(home_text) if m.span]
        self.home = homes[-1] if homes and all(_within(b, a) for a, b in pairwise(homes)) else None
        if homes and not self.home:
            self.home = homes[0]
        self.home_name = self.home.name if self.home else generic_place(home_text.removeprefix("中共"))

    def mentions(self, text: str) -> list[Mention]:
        """The places of a text in order, each of the longest name; none overlap."""
        raw = list(self._raw(text))
        found: list[Mention] = []
        for index, (start, end, spans) in enumerate(raw):
            span = self._resolve(text, start, end, spans, found, raw[index + 1 : index + 2])
            if span:
                self._known.add(span.code)
                found.append(Mention(start, end, span))
        taken = {at for m in found for at in range(m.start, m.end)}
        groups = [Mention(g.start(), g.end(), None) for pattern in (GROUPS, _LETTER) for g in pattern.finditer(text)]
        return sorted([*found, *(g for g in groups if g.start not in taken)], key=lambda m: m.start)

    def _raw(self, text: str) -> Iterator[tuple[int, int, tuple[RegionSpan, ...]]]:
        at, names, lengths = 0, self._names, self._lengths
        while at < len(text) - 1:
            sizes = lengths.get(text[at : at + 2])
            if sizes:
                for size in sizes:
                    name = text[at : at + size]
                    spans = names.get(name) or self._past.get(name)
                    if spans and len(text) >= at + size:
                        yield at, at + size, spans
                        at += size - 1
                        break
            at += 1

    def _resolve(
        self, text: str, start: int, end: int, spans: tuple[RegionSpan, ...], found: Sequence[Mention],
        after: Sequence[tuple[int, int, tuple[RegionSpan, ...]]],
    ) -> RegionSpan | None:  # fmt: skip
        name = text[start:end]
        if name.endswith("区") and text[end : end + 1] == "域":
            return None
        if spans[0].level == "province":
            aside = name in _SIDES and (text[end : end + 1] in tuple("岸部侧麓") or text[start - 1 : start] == "沿")
            return None if aside else spans[0]
        near = self._near(text, start, found)
        if name in self._past:
            return spans[0] if near or len(name) > 2 else None
        if near:
            inside = [s for s in spans if _within(s, near)] or [s for s in spans if _siblings(s, near)]
            if inside:
                return inside[0]
        full = [s for s in spans if s.name == name]
        if full and name not in NEEDS_CONTEXT and len(name) > 2:
            return self._only(full, text[max(0, start - 200) : start], found)
        if spans[0].level == "prefecture" and name not in WORDS:
            return spans[0]
        return self._local(name, spans, bool(after) and self._leads(text, end, spans, after[0]))

    def _near(self, text: str, start: int, found: Sequence[Mention]) -> RegionSpan | None:
        """The place that stands directly before, or before a 、 or 和: the context of this name."""
        if not found or start - found[-1].end > 3:
            return None
        gap = text[found[-1].end : start]
        return (
            found[-1].span
            if gap in ("", "、", "和", "及", "与", "以及", "的", "省", "市", "州", "区", "县", "，")
            else None
        )

    def _only(self, full: Sequence[RegionSpan], before: str, found: Sequence[Mention]) -> RegionSpan | None:
        if len(full) == 1:
            return full[0]
        above = [m.span for m in reversed(found) if m.span] + ([self.home] if self.home else [])
        for context in above:
            if inside := [s for s in full if _within(s, context)]:
                return inside[0]
        return next((s for s in full if s.code in self._known), None)

    def _local(self, name: str, spans: Sequence[RegionSpan], leads: bool) -> RegionSpan | None:
        if name in WORDS or name in NEEDS_CONTEXT or len(name) < 2:
            return None
        known = next((s for s in spans if s.code in self._known), None)
        home = next((s for s in spans if self.home and _within(s, self.home) and self._urban(name)), None)
        return known or home or (spans[0] if leads else None)

    def _urban(self, name: str) -> bool:
        return (
            len(name) >= 2
            and self.home is not None
            and (self.home.level != "province" or self.home.name.endswith("市"))
        )

    def _leads(
        self, text: str, end: int, spans: Sequence[RegionSpan], after: tuple[int, int, tuple[RegionSpan, ...]]
    ) -> bool:
        """True if a list goes on with a full-named place of the same parent: 万州、夷陵区."""
        start, stop, others = after
        return text[end:start] in ("、", "和") and any(
            o.name == text[start:stop] and any(_siblings(s, o) for s in spans) for o in others
        )

    def runs(self, text: str, mentions: Sequence[Mention]) -> list[Run]:
        """The phrases that mentions make together, with 四州市 or 等地 that closes them."""
        runs: list[Run] = []
        for mention in mentions:
            if runs and _joined(text[runs[-1].end : mention.start]):
                runs[-1] = Run(runs[-1].start, mention.end)
            else:
                runs.append(Run(mention.start, mention.end))
            if closing := _NUMBERED.match(text, mention.end):
                runs[-1] = Run(runs[-1].start, closing.end())
        return runs

    def place(self, span: RegionSpan, line: int) -> Place:
        """The record of a place: official name and code on the document's day, and its code today."""
        today = self._gazetteer.restate(span.code, self.on, date.today())
        same = span.code if span.code in today else None
        return Place(span.name, span.code, self.on, same or (today[0] if today else None), line)


@lru_cache(maxsize=8)
def _former_names(gazetteer: Gazetteer, on: date) -> dict[str, tuple[RegionSpan, ...]]:
    """Full names given up in the years before (思茅市 in 2015) and the one region that has the territory now."""
    now = gazetteer.names_on(on)
    ended = (span for span in gazetteer if span.valid_to and 0 <= (on - span.valid_to).days < STILL_SAID)
    found: dict[str, tuple[RegionSpan, ...]] = {}
    for name in {span.name for span in ended} - set(now) - NEEDS_CONTEXT:
        try:
            found[name] = (gazetteer.lookup(name, on),)
        except LookupError:
            continue
    return found


def generic_place(text: str) -> str | None:
    """A place by its form alone (甲县, 东山镇), at the head of the text; for names that no register holds."""
    found = _GENERIC.match(text)
    return found[0] if found and len(found[0]) > 1 and not _NO_NAME.search(text, 0, found.end() + 1) else None


def first_mentions(places: Places, named: Iterable[tuple[Paragraph, Sequence[Mention]]]) -> list[Place]:
    """Each region once, at its first mention, in the order of the text."""
    seen: dict[str, Place] = {}
    for paragraph, mentions in named:
        for mention in mentions:
            if mention.span and mention.span.code not in seen:
                seen[mention.span.code] = places.place(mention.span, paragraph.line_at(mention.start))
    return list(seen.values())


def _digits(code: str) -> str:
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


def _within(span: RegionSpan, above: RegionSpan) -> bool:
    return span.code != above.code and span.code.startswith(_digits(above.code))


def _siblings(span: RegionSpan, other: RegionSpan) -> bool:
    """True for two regions of one rank under the same parent."""
    up = 2 if span.code.endswith("00") else 4
    return span.level == other.level and span.level != "province" and span.code[:up] == other.code[:up]


def _joined(gap: str) -> bool:
    return (
        bool(re.fullmatch("(?:的|[两二三四五六七八九十]{1,2}(?:州市|省|市|县|区|州))?(?:、|和|及|与|以及)?", gap))
        or gap == "等地和"
    )
