"""`yulan region` without a database."""

import json

import pytest

from yulan.registry.regions.command import main


def test_the_plan_day_and_today(capsys):
    assert main(["思茅市", "--on", "2007-03-28", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["code"], found["name"], found["parents"]) == (
        "530800",
        "思茅市",
        [{"code": "530000", "name": "云南省"}],
    )
    assert found["doc_no"] == "国函〔2007〕8号"
    assert [(r["code"], r["name"]) for r in found["became"]] == [("530800", "普洱市")]
    assert [(r["code"], r["name"]) for r in found["came_from"]] == [("532700", "思茅地区")]


def test_text_names_the_chain_to_today(capsys):
    assert main(["542301", "--on", "2007-03-28"]) == 0
    out = capsys.readouterr().out
    assert "542301  日喀则市  (county)" in out
    assert "日喀则地区 542300 < 西藏自治区 540000" in out
    assert "became    540202 桑珠孜区" in out


@pytest.mark.parametrize(("argv", "said"), [(["夷陵取"], "夷陵区"), (["鼓楼区"], "320106"), (["123456"], "no region")])
def test_failures_say_what_to_do(argv, said, capsys):
    assert main(argv) == 1
    assert said in capsys.readouterr().err


def test_a_wrong_date_is_a_usage_error(capsys):
    assert main(["上海", "--on", "2007-3-28x"]) == 2
    assert "--on" in capsys.readouterr().err
