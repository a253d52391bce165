"""Journals that other programs accept: bean-check and hledger check, run for true."""

import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from yulan.engines.funds import services
from yulan.engines.funds.journals import export_journal
from yulan.engines.funds.ledger import post
from yulan.engines.funds.models import Balance
from yulan.engines.funds.tests.makers import finance, make_line, make_posting, play

pytestmark = pytest.mark.django_db
NASTY = '引号" 反斜杠\\ 分号; 竖线| 逗号, (括号) * ! = @ :'


@pytest.fixture
def _ledger():
    """Three years on both sides, with texts and codes that are marks to the programs."""
    entries = play("""
        2003-01-05 budget   沪-2003/藏  1000.00
        2003-02-01 allocate 沪-2003/藏  P1  600.00
        2003-02-10 instruct 沪-2003/藏  P1  600.00
        2003-02-20 receive  沪-2003/藏  P1  600.00
        2003-12-31 carry    沪-2003/藏  P1  100.00
        2004-01-05 budget   L-A         500.00
        2004-01-06 budget   L_A         500.00
        2004-03-01 request  沪-2003/藏  P1  300.00
        2004-03-02 allocate L-A         P2  500.00
        2004-03-03 allocate L_A         P2   99.99
        2005-03-05 pay      沪-2003/藏  P1  300.00
        2005-03-06 recover  沪-2003/藏  P1  100.00
        2005-04-01 verify   沪-2003/藏  P1  299.99
    """)
    services.reverse_entry(entries[9], by=finance, reason=NASTY, on=date(2005, 4, 2))
    line = make_line("2005-XZ-SUPPORT", amount=200).code
    post(make_posting(line, memo=NASTY, payee=NASTY, doc_no=NASTY, project='P"1;,'), by=finance)


def check(journal: Path) -> subprocess.CompletedProcess:
    if journal.suffix == ".beancount":
        program = shutil.which("bean-check") or str(Path(sys.executable).parent / "bean-check")
        command = [program, "--no-cache", str(journal)]
    else:
        program = shutil.which("hledger")
        assert program, "hledger is missing: apt-get install hledger"
        command = [program, "-f", str(journal), "check", "--strict", "ordereddates"]
    return subprocess.run(command, capture_output=True, text=True, env={"LANG": "C.UTF-8", "HOME": str(journal.parent)})


@pytest.fixture(params=["beancount", "hledger"])
def journal(request, tmp_path, _ledger):
    def write(change=lambda text: text, **chosen) -> Path:
        path = tmp_path / f"ledger.{request.param.replace('hledger', 'journal')}"
        path.write_text(change("".join(export_journal(request.param, **chosen))), encoding="utf-8")
        return path

    return write


def test_is_accepted(journal):
    told = check(journal())
    assert (told.returncode, told.stdout + told.stderr) == (0, "")


@pytest.mark.parametrize("chosen", [{"project": "P1"}, {"until": date(2004, 6, 30)}, {"project": "NOBODY"}])
def test_a_part_is_accepted(journal, chosen):
    told = check(journal(**chosen))
    assert told.returncode == 0, told.stderr


def test_a_wrong_amount_is_found(journal):
    changed = journal(
        lambda text: text.replace(" 300.00 CNY", " 300.01 CNY", 1).replace("-300.00 CNY", "-300.01 CNY", 1)
    )
    assert check(changed).returncode != 0


def test_a_wrong_balance_is_found(journal):
    Balance.objects.filter(account="treasury:L-A").update(amount=7)
    assert check(journal()).returncode != 0


@pytest.mark.usefixtures("_ledger")
def test_names_and_texts():
    text = "".join(export_journal("beancount"))
    assert "open Assets:Treasury:L-A CNY" in text
    assert "open Assets:Treasury:L-A-X CNY" in text
    assert '2003-02-01 * "" "文本账"' in text
    assert '  kind: "allocate"' in text
    assert text.count("2004-01-01 balance ") == 6


def test_an_empty_ledger_is_a_head():
    assert "".join(export_journal("hledger")).startswith("; Yulan ledger")


def test_an_unknown_format_is_refused():
    with pytest.raises(ValueError, match="beancount, hledger"):
        export_journal("ofx")
