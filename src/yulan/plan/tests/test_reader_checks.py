"""Checks, sentence by sentence: what adds up, what does not, and what must not be compared at all."""

from pathlib import Path

import pytest

from yulan.plan.reader.explain import slip
from yulan.plan.reader.read import read_plan
from yulan.plan.reader.reading import Check


def checks(text: str, folder: Path) -> list[Check]:
    path = folder / "plan.txt"
    path.write_text(f"江州市协作工作总结报告\n一、工作情况\n{text}\n", "utf-8")
    return list(read_plan(path).checks)


def shown(text: str, folder: Path) -> list[tuple[str, ...]]:
    return [(c.kind, c.stated, c.computed, c.difference, c.verdict) for c in checks(text, folder)]


@pytest.mark.parametrize(
    ("text", "stated", "computed", "difference"),
    [
        ("共投入资金10亿元，其中甲县3亿元，乙县4亿元，丙县2亿元。", "10", "9", "-1"),
        ("共投入资金2亿元，其中甲县1.2亿元，乙县9000万元。", "2", "2.1", "0.1"),
        ("全年共实施项目300个。其中，教育类120个；卫生类90个；产业类190个。", "300", "400", "100"),
        ("甲县投入3亿元、乙县投入4亿元、丙县投入2亿元，合计投入10亿元。", "10", "9", "-1"),
        ("共安排资金五百万元，其中教育二百万元、卫生二百五十万元。", "500", "450", "-50"),
        ("共投入资金6亿元，上饶市2亿元、抚州市1.5亿元、吉安市1.5亿元。", "6", "5", "-1"),
        ("共签订项目100个。一是参与西部开发，签订项目70个。二是支持东北振兴，签订项目40个。", "100", "110", "10"),
        ("筹措资金2.4亿元：中央补助1.2亿元，省级配套8000万元，市县自筹6000万元。", "2.4", "2.6", "0.2"),
        ("年末全市常住人口400万人，其中城镇人口250万人，农村人口120万人。", "400", "370", "-30"),
        ("本年共安排下列项目100个：\n1、教育项目40个。\n2、卫生项目50个。", "100", "90", "-10"),
        ("零售额90亿元，增长9%。按经营地统计，城镇零售额70亿元，乡村零售额10亿元。", "90", "80", "-10"),
        ("计划安排资金6亿元，分三年实施，2018年1.5亿元、2019年2亿元、2020年3亿元。", "6", "6.5", "0.5"),
        ("共培训劳动力10万人次，其中技能培训6万人次、岗前培训3万人次。", "10", "9", "-1"),
        ("选派党政干部26人、专业人才60人（教师30人、医生20人、农技15人）。", "60", "65", "5"),
        ("选派教师56名、医生38名、专家21名，共116名技术人员。", "116", "115", "-1"),
        ("帮助12.6万贫困人口脱贫，其中，2018年3.8万人，2019年4.6万人，2020年5.2万人。", "12.6", "13.6", "1"),
        ("贫困村186个、贫困县4个摘帽。其中，2018年62个村；2019年68个村；2020年58个村。", "186", "188", "2"),
        ("规划总投资12亿元，其中：设施5亿元，产业4亿元，人才2亿元。", "12", "11", "-1"),
    ],
)
def test_sums_that_do_not_come_out(text: str, stated: str, computed: str, difference: str, tmp_path: Path):
    found = [c for c in shown(text, tmp_path) if c[0] == "sum"]
    assert found == [("sum", stated, computed, difference, "mismatch")]


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("共投入资金10亿元，其中甲县3亿元，乙县4亿元，丙县3亿元。", "10"),
        ("共投入资金2亿元，其中甲县1.2亿元，乙县8000万元。", "2"),
        ("共向西藏日喀则地区投入资金3.2亿元、向新疆喀什地区投入资金5.1亿元，共计8.3亿元。", "8.3"),
        ("完成投资12.6亿元，增长10.5%，其中省级投资5.6亿元，增长2%，市级投资4亿元，县级投资3亿元。", "12.6"),
        ("共安排项目30个（其中新建12个、续建18个），总投资8亿元。", "30"),
        ("全市实现生产总值8066.49亿元，其中，第一产业27.73亿元，第二产业2867.94亿元，第三产业5170.81亿元。", "8066.49"),
        ("完成产值4.03万亿元，其中一产118.4亿元，二产6436.7亿元，三产33741.1亿元。", "4.03"),
        ("共培训1000人，其中干部300人，教师700人，带动就业5000人。", "1000"),
        ("培训1.2万人次，其中干部2300人次，教师4600人次，医生2100人次，农民3200人次。", "1.2"),
        ("粮食产量62144万吨，其中，夏粮14112万吨，早稻3369万吨，秋粮44662万吨。", "62144"),
        ("年末人口1374万人，其中城镇人口771万人；少年242万人，成年910万人，老年222万人。", "1374"),
    ],
)
def test_sums_that_come_out(text: str, stated: str, tmp_path: Path):
    found = [(c.stated, c.verdict) for c in checks(text, tmp_path) if c.kind == "sum"]
    assert found == [(stated, "match")]


def test_two_series_of_one_breakdown(tmp_path: Path):
    text = "共投入资金6亿元，项目90个，其中：产业类2亿元、30个；民生类3亿元、50个；智力类1亿元、20个。"
    assert shown(text, tmp_path) == [("sum", "6", "6", "0", "match"), ("sum", "90", "100", "10", "mismatch")]


def test_two_breakdowns_of_one_total(tmp_path: Path):
    text = (
        "共投入资金1.8亿元。其中：财政1.2亿元，社会6000万元。按区域分，投入甲县9000万元、乙县5000万元、丙县4000万元。"
    )
    found = [c.parts for c in checks(text, tmp_path) if c.verdict == "match"]
    assert found == [("1.2", "0.6"), ("0.9", "0.5", "0.4")]


@pytest.mark.parametrize(
    "text",
    [
        "肉类产量8625万吨。其中，猪肉产量5487万吨；牛肉产量700万吨；羊肉产量441万吨；禽肉产量1826万吨。",
        "房地产开发投资9597亿元。其中住宅投资6459亿元；办公楼投资621亿元；商业用房投资1460亿元。",
        "共有医疗机构99.0万个，其中医院2.8万个；基层机构93.1万个，其中卫生院3.7万个，卫生站3.4万个，门诊部20.9万个，"
        "卫生室64.5万个；公共卫生机构2.4万个，其中防控中心3462个，监督所2983个。",
        "建成公路1268公里，其中新增456公里；省道4520公里，其中一级860公里、二级2310公里。",
        "投资12.5亿元，占年度计划的103%，其中重点项目投资8.6亿元，占年度计划的110%。",
        "援建学校45所、幼儿园112所、职校3所。",
        "完成民间投资50亿元，其中园区投资30亿元，新增产值80亿元。",
        "城镇人口占51.6%，男性占51.2%，60岁以上人口占16.3%。",
        "现有医院26所，其中综合医院12所、中医院6所、专科医院5所。",
        "工业利润512亿元，其中国有控股企业186亿元，私营企业210亿元，股份制企业398亿元。",
        "全市投资5亿元（2016年2亿元、2017年1亿元）。",
        "农业用水占62%，工业用水占21%，生活用水占15%。",
        "生产总值1200亿元，按可比价格计算，第二产业600亿元，金融业75亿元，文化业64亿元。",
    ],
)  # fmt: skip
def test_no_false_alarm(text: str, tmp_path: Path):
    assert [c for c in checks(text, tmp_path) if c.verdict == "mismatch"] == []


@pytest.mark.parametrize(
    "text",
    [
        "实施项目1490个，其中重点村884个。",
        "全市共有学校500所，其中小学300所，初中120所。",
        "共培训1000人，其中女性600人，党员550人。",
        "完成投资100亿元，比上年增加20亿元。",
        "全年新开工项目120个，其中5亿元以上项目45个、10亿元以上项目12个。",
        "全年实现生产总值1200亿元，增长12%，其中工业增长14%，农业增长3%。",
        "共投入资金100亿元，其中财政资金30亿元、社会资金20亿元等。",
        "近三年共接待游客近500万人次，其中国内游客300万人次，入境游客100万人次。",
        "签订协议30个。投资20亿元。新增就业5000人。培训3000人。",
        "发放补助金1.2亿元，惠及5万户、18万人。",
        "第二产业中，金融业增加值75.2亿元，交通业增加值85.4亿元。",
    ],
)
def test_nothing_to_compare(text: str, tmp_path: Path):
    assert checks(text, tmp_path) == []


@pytest.mark.parametrize(
    ("text", "stated", "listed"),
    [
        ("推进交通、水利、能源、信息、环保五大工程。", 5, 5),
        ("推进交通、水利、能源、信息五大工程。", 5, 4),
        ("深化信息、规划、科技等3个专题合作。", 3, 3),
        ("深化信息、规划、科技、产权等3个专题合作。", 3, 4),
        ("建设3个中心：物流中心、商贸中心、金融中心。", 3, 3),
        ("建设5个基地：甲基地、乙基地、丙基地、丁基地。", 5, 4),
        ("抓好以下三项工作：一是加强领导。二是落实责任。三是严格考核。", 3, 3),
        ("抓好以下三项工作：一是加强领导。二是落实责任。", 3, 2),
        ("做到“三个能”，即能让群众受益；能与规划衔接；能让各方满意。", 3, 3),
        ("产权交易（信息发布、统计口径、交易规则）“三统一”取得成果。", 3, 3),
        ("与黑龙江、吉林、辽宁三省签署协议。", 3, 3),
        ("实施“两个一批”工程。建设一批园区；引进一批企业；培育一批人才。", 2, 3),
        ("与甘肃、宁夏、青海、新疆三省区开展合作。", 3, 4),
        ("完善培训、交流和激励三个机制。", 3, 3),
        ("推进“沿江协调会”和“沿海协调会”两个合作组织建设。", 2, 2),
        ("推进湖北省十堰市、河南省南阳市和陕西省安康市、汉中市、商洛市五市协作。", 5, 5),
    ],
)
def test_lists(text: str, stated: int, listed: int, tmp_path: Path):
    found = [c for c in checks(text, tmp_path) if c.kind == "list_count"]
    assert [(c.stated, c.computed, len(c.parts)) for c in found] == [(str(stated), str(listed), listed)]
    assert found[0].verdict == ("match" if stated == listed else "mismatch")


def test_two_lists_in_one_clause(tmp_path: Path):
    found = [(c.stated, c.parts) for c in checks("支持甲、乙两区和丙、丁、戊、己四县。", tmp_path)]
    assert found == [("2", ("支持甲", "乙")), ("4", ("丙", "丁", "戊", "己"))]


@pytest.mark.parametrize(
    "text",
    [
        "北京、上海、广州等5个城市参加。",
        "援建了学校、卫生院12所。",
        "加快实现“四个率先”，加快建设“四个中心”，构建和谐社会。",
        "在甲县、乙县、丙市、丁县两县一市、戊县开展工作。",
        "召开三次会议，研究部署工作、检查落实情况、总结经验。",
        "为西部地区“三农”服务。",
        "在西藏、新疆、云南四州市、三峡库区开展工作。",
    ],
)
def test_lists_that_are_open_or_none(text: str, tmp_path: Path):
    assert [c for c in checks(text, tmp_path) if c.verdict == "mismatch"] == []


@pytest.mark.parametrize(
    ("text", "kind", "stated", "computed", "verdict"),
    [
        ("三次产业结构为7.8∶56.0∶36.2。", "percent_total", "100", "100", "match"),
        ("三次产业结构为7.8∶56.0∶38.2。", "percent_total", "100", "102", "mismatch"),
        ("三次产业比重分别为7.8%、56.0%和36.3%。", "percent_total", "100", "100.1", "match"),
        ("资金来源中，财政资金占60%，社会资金占25%，自筹资金占25%。", "percent_total", "100", "110", "mismatch"),
        ("总投资10亿元，其中财政资金3亿元，占30%。", "share", "30", "30", "match"),
        ("总投资10亿元，其中财政资金3亿元，占40%。", "share", "40", "30", "mismatch"),
        ("援助资金由100亿元增加到150亿元，增长50%。", "growth", "50", "50", "match"),
        ("援助资金由100亿元增加到150亿元，增长60%。", "growth", "60", "50", "mismatch"),
        ("援助资金由2005年的100亿元增加到2010年的200亿元，年均增长14.9%。", "growth", "14.9", "14.9", "match"),
        ("援助资金由2005年的100亿元增加到2010年的200亿元，年均增长20%。", "growth", "20", "14.9", "mismatch"),
        ("贫困人口由300万人减少到150万人，下降50%。", "growth", "50", "50", "match"),
        ("森林覆盖率由35%提高到40%，提高6个百分点。", "growth", "6", "5", "mismatch"),
        ("完成投资120亿元，比上年增加20亿元，增长20%。", "growth", "20", "20", "match"),
        ("完成投资120亿元，比上年增加20亿元，增长25%。", "growth", "25", "20", "mismatch"),
    ],
)
def test_percentages(text: str, kind: str, stated: str, computed: str, verdict: str, tmp_path: Path):
    found = [c for c in checks(text, tmp_path) if c.kind == kind]
    assert [(c.stated, c.computed, c.verdict) for c in found] == [(stated, computed, verdict)]


def test_real_growth_is_not_nominal_growth(tmp_path: Path):
    text = "地区生产总值由1000亿元增加到1300亿元，按可比价格增长12%。"
    assert checks(text, tmp_path) == []


@pytest.mark.parametrize(
    ("printed", "meant", "how"),
    [
        ("1625", "625", "too many"), ("625", "1625", "dropped"), ("259", "359", "changed"), ("3.1", "31", "misplaced"),
        ("418", "481", "swapped"), ("4.29", "14.29", "dropped"),
    ],
)  # fmt: skip
def test_slips_of_the_hand(printed: str, meant: str, how: str):
    found = slip(printed, meant)
    assert found is not None
    assert how in found[1]


@pytest.mark.parametrize(("printed", "meant"), [("3", "4"), ("259", "388"), ("1.2", "1.2"), ("1625", "2")])
def test_no_slips(printed: str, meant: str):
    assert slip(printed, meant) is None


def test_several_explanations_are_none(tmp_path: Path):
    found = checks("共实施项目600个，其中甲县151个，乙县202个，丙县302个。", tmp_path)
    assert found[0].difference == "55"
    assert found[0].suggestion is None


def test_the_total_may_be_the_misprint(tmp_path: Path):
    found = checks("共实施项目600个，其中甲县101个，乙县202个，丙县303个。", tmp_path)
    assert (found[0].suggestion or "").startswith("600 → 606")


def test_only_one_part_can_be_too_large(tmp_path: Path):
    found = checks("共实施项目149个，其中甲县25个，乙县38个，丙县165个。", tmp_path)
    assert (found[0].suggestion or "").startswith("165 → 86")
