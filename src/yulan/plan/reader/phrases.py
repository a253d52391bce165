"""The words around a number: what it counts (the indicator) and how exactly (the qualifier), as printed."""

import re

from yulan.plan.reader.quantities import COUNTS, PEOPLE

_BEFORE = re.compile(
    "(?P<qualifier>不少于|不低于|不超过|不高于|不小于|不多于|不到|不足|至少|最多|最少|将近|接近|大约|约为|超过|突破|高于|低于|先后|累计|每年|平均"
    "|(?<![附最邻将新])近|(?<![节契合预])约|逾|(?<![高])超|(?<![以])上(?=百|千|万)|(?<!经)过(?=百|千|万)|几乎|达到?近)$"
    "|(?:(?:增加|提高|增长|上升|下降|减少|扩大|发展|压缩|压减|缩短|降低|提升)(?:到|至|为)|(?:控制|保持|稳定|维持)(?:在|到)|达到了?|达|为|至|到|的|有|共计|合计|共|是|：|:|\\s|了|在|约合|增至|降至|升至)$"
)
_CLAUSE_WIDE = re.compile("其中|累计|先后|每年")
AFTER_PRINTED = ("有余", "以上", "以下", "以内", "以外", "左右", "上下", "之多", "之内", "不等", "余", "多")
_LEAD = re.compile(
    "^(?:其中[：，]?|一是|二是|三是|四是|五是|六是|七是|八是|并且?|且|共计|总共|合计|共(?!同|享|建|识|有制|产)|累计|先后|分别|已经?(?!经)|还(?!款)|又|再(?!生)|也|均(?!衡)|各(?!类|地|级|项|种)"
    "|全年|全市|全省|全国|全区|全县|全州|全社会(?!消费|固定)|年内|当年|同期|期间|年末|年底|今年|去年|上年|每年|到(?:期末|20\\d\\d年[末底]?)|20\\d\\d年[末底]?|我市|我省|我县|我区|本市"
    "|“[^”]{2,4}”(?:期间|时期|末|以来)|期末|规划期内?|[两三四五六七八九十]年(?:间|来|内)?(?![制级期行计规])|力争|争取|努力|确保|预计|完成(?!率|情况)|实现|实施|投入(?!产出|使用)|达成|签订|签署|安排|下达|拨付|筹集|筹措|启动(?!区)|组织(?!化)|涉及"
    "|与[^，、]{1,10}?(?=签署|签订|达成|合作)|和(?![谐平田])|及|与|以及|、|，|：|:|的|有(?![关效机限色])|约(?!束)|近(?!海|岸|郊|零|亿)|达到?(?!标|产|州|川)|为|是|了|使(?!用)|将(?!军)|由|从(?!业|事|教)|对(?![口外接等象策])|在(?![校岗建编职园册读])|成功|重点(?=援建|建设|实施|推进|支持|扶持|发展|安排|打造|开展|培育|改造)|累计|主要(?=用于|包括|完成|实施|建设|开展)|新(?=签)|地区(?!生产|性|总|间|经)|\\s)"
)
_ETC = re.compile("(?<![高中初平均同一二三特优对])等(?!级|待|号|于|额|值|量|同|次)")
_STOP = (
    "紧急|圆满|顺利|取得|进行|开展|参加|参与|得到|获得|通过|达到|完成|实现|投入|提供|给予|已经|已|被|将|均|全部|分别|(?<!公)共(?!同|建|享)|覆盖|惠及|受益|使|比|占|同比|增长|下降|总投资|总金额|总面积|协议|"
    "其中|并|同时|以及|(?:和|及|与|、)(?=[近约超逾共]?\\d)|在|向|为(?!民)|由|从|是|有"
)
_NOUN_AFTER = re.compile(
    rf"(?!、)的?(?P<noun>(?:“[^”]{{1,20}}”)?(?:(?!{_STOP})[\u4e00-\u9fff（）“”、A-Za-z0-9]){{0,24}})"
)
_ORIGIN = re.compile(
    "(?:(?:增加|增长|提高|提升|上升|扩大|发展|下降|减少|降低|回落|压缩|缩短)(?:到|至|为))?"
    "(?:(?:由|从|自)?(?:上年|去年|“[^”]{2,4}”(?:初|末|期末)?|(?:19|20)\\d\\d年[初末底]?)|由|从|自|(?:由|从)(?:法定|原来|原先|当初|目前|现在)|(?<=增加|增长|提高|提升|上升|扩大|发展|下降|减少|降低)(?:到|至|为))的?$"
)
"""Words that say from what or to what something changed: 由2015年的2亿元, 增加到2020年的4亿元."""
_GROWTH = re.compile(
    "(?:按可比价格?计算?)?[，]?(?:比上年同期|比上年末?|较上年末?|比去年同期|同比|环比|比年初|[比较](?:19|20)\\d\\d年末?|[比较]“[^”]{2,4}”(?:时期|期间|期?末)?|年均|平均每年|平均年|每年平均|实际|名义|净|分别|累计|新|可比|比|则)*"
    "(?:增长|增加|提高|下降|减少|上升|回落|增幅|递增|增速|降低|扩大|缩小|提升|加快|减慢|增产|减产|上涨|下跌|回升|增收|减收|增|降)(?:率|速度|幅度)?(?:了|到|至|为)?$"
)
_SHARE = re.compile("^(?:仅|约|分别)?占.*$|^比重.*$|^所占比重.*$|^占比.*$")
_FOOTNOTE = re.compile(r"[\[［]\d{1,3}[\]］]")
_TAKES_AFTER = frozenset((*COUNTS, *PEOPLE, ""))


def qualifier_of(clause_head: str, after: tuple[str, ...]) -> tuple[str, int]:
    """The qualifier of a number as printed, at most two joined by a space, and where its indicator ends.

    ``clause_head`` is the clause up to the number, ``after`` what stands behind it (余, 以上). 达到 says nothing of
    precision.
    """
    near: list[str] = []
    end = len(clause_head)
    while found := _BEFORE.search(clause_head, max(0, end - 8), end):
        if found["qualifier"]:
            near.insert(0, found["qualifier"])
        end = found.start()
    wide = [found[0] for found in _CLAUSE_WIDE.finditer(clause_head, 0, end)]
    behind = [word for word in AFTER_PRINTED if word in after]
    words = list(dict.fromkeys((*wide, *near, *behind)))
    return " ".join(words[:2]), end


def noun_before(text: str) -> str:
    """The noun phrase that ends where the number begins, without adverbs and light verbs before it. May be empty."""
    text = _FOOTNOTE.sub("", text)
    if etc := list(_ETC.finditer(text)):
        text = text[etc[-1].end() :]
    text = strip_lead(text)
    text = re.sub("^(?:一批|一系列|多种)", "", text)
    text = _ORIGIN.sub("", text)
    text = re.sub("(?<=[\u4e00-\u9fff]{3})(?:[两三四五]年)?(?:累计)?(?:完成|实现|分别)?$", "", text)
    text = re.sub("(?:、|和|(?<![惠涉普])及|与|的|等)$", "", text)
    return _shortened(text)


def strip_lead(text: str) -> str:
    """The text without the adverbs and light verbs at its head."""
    while found := _LEAD.match(text):
        if found.end() == len(text) and found[0] in ("完成", "投入", "安排", "签订", "启动", "组织", "实施"):
            return ""
        text = text[found.end() :]
    return text.strip()


def _shortened(text: str) -> str:
    if len(text) <= 24:
        return text
    for pattern in ("[了着](?=.{2,24}$)", "的(?=.{2,24}$)", "、(?=.{2,24}$)"):
        if found := re.search(pattern, text):
            return text[found.end() :]
    return text[-24:]


def noun_after(text: str) -> str:
    """The noun phrase that follows a number: 17个→省区市受灾地区. Empty if none follows."""
    found = _NOUN_AFTER.match(text)
    noun = found["noun"] if found else ""
    noun = re.sub("(?:、|和|及|与|的|等|近|约|共|超过?|逾|累计|先后|达)+$", "", noun)
    for opening, closing in ("（）", "“”"):
        if noun.count(opening) != noun.count(closing):
            noun = noun.split(opening)[0].split(closing)[0]
    return noun


def names_change(noun: str) -> bool:
    """True if the noun ends in a word of change: its number is no part of a total."""
    return bool(
        re.search(
            "(?:增长|增加|减少|下降|提高|上升|增产|减产|增收|多增|少增|净增|上涨|下跌|降低|缩减|压减)(?:了|到|至)?$",
            noun,
        )
    )


def is_growth(noun: str) -> bool:
    """True for 增长, 比上年下降: words that need a subject."""
    return bool(_GROWTH.fullmatch(noun))


def is_share(noun: str) -> bool:
    """True for 占全市生产总值 and the like."""
    return bool(_SHARE.match(noun))


def takes_after(base: str) -> bool:
    """True if the counted noun may follow the unit (17个省, 32万农村人口); money and measures are named before."""
    return base in _TAKES_AFTER
