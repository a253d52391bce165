"""The published plan itself, where a copy stands beside the project (it is not shipped): the issue's own figures.

Set YULAN_PLAN_SAMPLE to the folder that holds plan-2006-2010.txt, figures.json and regions.json.
"""

import json
import os
from pathlib import Path

from yulan.plan.reader.read import read_plan

BESIDE = Path(__file__).resolve().parents[4].parent / "shared" / "domain"
FOLDER = Path(os.environ.get("YULAN_PLAN_SAMPLE", BESIDE))

if (FOLDER / "plan-2006-2010.txt").exists():
    READING = read_plan(FOLDER / "plan-2006-2010.txt")

    def test_counts():
        wanted = {"chapters": 4, "goals": 4, "tasks": 10, "safeguards": 6, "measures": 57, "principles": 5}
        assert {key: READING.counts[key] for key in wanted} == wanted

    def test_figures_are_those_of_the_requirements():
        wanted = json.loads((FOLDER / "figures.json").read_text("utf-8"))
        assert len(READING.figures) == len(wanted) == 30
        for figure, fact in zip(READING.figures, wanted, strict=True):
            qualifier = fact["qualifier"].replace("suspect", "")
            assert (figure.value, figure.unit, figure.line) == (fact["value"], fact["unit"], fact["line"])
            assert figure.qualifier == qualifier
            assert any(fact["indicator"][at : at + 2] in figure.indicator + figure.quote for at in range(9))

    def test_checks():
        sums = [(c.line, c.stated, c.difference, c.verdict) for c in READING.checks if c.kind == "sum"]
        assert sums == [
            (39, "11.27", "0", "match"),
            (39, "1490", "1000", "mismatch"),
            (43, "1654", "0", "match"),
            (43, "1841.7", "0", "match"),
        ]
        wrong = [c for c in READING.checks if c.verdict == "mismatch"]
        assert len(wrong) == 1
        assert (wrong[0].suggestion or "").startswith("1625 → 625")

    def test_identity_regulations_and_notes():
        assert READING.doc_no == "沪府发〔2007〕11号"
        numbers = {r.doc_no for r in READING.regulations if r.doc_no}
        assert numbers == {
            "沪府发〔2007〕11号", "沪委办〔2004〕7号", "沪府发〔2001〕43号", "国发〔2001〕23号", "国发〔2004〕6号",
            "国西办经〔2006〕15号", "中发〔2003〕11号", "中发〔2006〕10号",
        }  # fmt: skip
        assert len(READING.regulations) == 17
        assert [note.line for note in READING.notes] == [75, 101, 115, 153, 231]

    def test_regions_carry_the_codes_of_the_day():
        facts = {f["code2007"]: f["successor"] for f in json.loads((FOLDER / "regions.json").read_text("utf-8"))}
        found = {place.code: place.successor_code for place in READING.regions}
        assert {"310115", "542300", "530800", "533100", "652923", "420506", "500101"} <= set(found)
        assert all(found[code] == facts[code] for code in found if code in facts)
