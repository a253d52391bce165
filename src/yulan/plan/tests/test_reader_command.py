"""The command: a summary for people, JSON for programs, messages on stderr, exit status."""

import json
from pathlib import Path

import pytest

from yulan.plan.reader.command import main

PLAN = str(Path(__file__).with_name("documents") / "assistance-2006-2010.txt")


def test_json_is_one_object(capsys: pytest.CaptureFixture[str]):
    assert main([PLAN, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["counts"]["measures"] == 57
    assert shown["checks"][1]["difference"] == "1000"
    assert shown["regions"][2] == {
        "name": "日喀则地区", "code": "542300", "valid_on": "2007-03-28", "successor_code": "540200", "line": 33
    }  # fmt: skip


def test_summary_shows_everything_at_a_glance(capsys: pytest.CaptureFixture[str]):
    assert main([PLAN]) == 0
    shown = capsys.readouterr().out
    for words in (
        "上海市对外协作与援助工作“十一五”规划", "沪试发〔2007〕11号", "任务 10", "措施 57", "近30%", "8100余批", "其中884个",
        "✓ 合计 11.27", "✗ 合计 1490", "1625 → 625", "542300 → 540200 日喀则地区", "国发〔2001〕23号",
    ):  # fmt: skip
        assert words in shown


@pytest.mark.parametrize("data", [b"", b"\x00\x01", "昨夜下雨了，花都开了，很香。\n".encode() * 9])
def test_errors_go_to_stderr_with_status_1(data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "plan.txt"
    path.write_bytes(data)
    assert main([str(path), "--json"]) == 1
    shown = capsys.readouterr()
    assert not shown.out
    assert shown.err.startswith("plan.txt: ")


def test_missing_file(capsys: pytest.CaptureFixture[str]):
    assert main(["/nowhere/plan.txt"]) == 1
    assert "no file" in capsys.readouterr().err
