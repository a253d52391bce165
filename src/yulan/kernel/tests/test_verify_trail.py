"""The independent verifier: what it accepts, and a thousand falsifications that it does not."""

import hashlib
import importlib.util
import json
import random
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from yulan.kernel import keys
from yulan.kernel.access import SYSTEM
from yulan.kernel.trail import change_set
from yulan.kernel.verify import export_trail
from yulan.kernel.workdays import Holiday

TOOL = Path(__file__).parents[4] / "tools" / "verify_trail.py"
spec = importlib.util.spec_from_file_location("verify_trail", TOOL)
tool = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tool)


def fault_of(lines, key=None, expected=()):
    """Give the fault found in an export; None when it is whole."""
    try:
        tool.Verifier(key, dict(expected)).run(lines)
    except tool.Fault as fault:
        return str(fault)
    return None


@pytest.fixture
def export(db, settings, tmp_path):
    """Give an export of changes of every kind: single, many in a set, many rows in an entry, odd characters."""
    settings.KEYS_ROOT = tmp_path / "keys"
    start = date(1990, 1, 1)
    with change_set(by=SYSTEM, reason='放假\u2028\x7f"\\ 安排') as cs:
        cs.insert_many(Holiday, [Holiday(date=start + timedelta(n), name=f"第{n}天", edition=1990) for n in range(60)])
    rows = list(Holiday.objects.filter(edition=1990).order_by("date"))
    for number in range(12):
        with change_set(by=SYSTEM, reason=f"更正{number}") as cs:
            for row in rows[number : number + number % 4 + 1]:
                row.refresh_from_db()
                cs.update(row, name=f"{row.name}改")
    with change_set(by=SYSTEM) as cs:
        cs.remove(rows[30])
    return [line.encode() for line in export_trail()]


def test_a_whole_trail_passes(export):
    assert len(export) > 25
    assert fault_of(export) is None
    last = json.loads(export[-1])
    assert fault_of(export, key=keys.public_key(), expected=[(last["last"], last["head"])]) is None


def test_an_empty_trail_passes():
    key = Ed25519PrivateKey.generate()
    at = "2026-11-24T00:00:00+00:00"
    first = {"kind": "yulan-trail", "version": 1, "public_key": key.public_key().public_bytes_raw().hex()}
    signature = key.sign(f"yulan-end\n0\n0\n{'0' * 64}\n{at}".encode()).hex()
    end = {"kind": "end", "first": 0, "last": 0, "head": "0" * 64, "at": at, "signature": signature}
    assert fault_of([tool.canonical(first), tool.canonical(end)]) is None


class Forger:
    """Falsifies an export at random, each time in one way."""

    def __init__(self, lines, seed):
        self.lines, self.chance = lines, random.Random(seed)
        self.entries = range(1, len(lines) - 1)

    def forge(self):
        ways = [name for name in dir(self) if name.startswith("by_")]
        way = self.chance.choice(ways)
        lines = getattr(self, way)(list(self.lines))
        return way, lines

    def edited(self, lines, **changes):
        at = self.chance.choice(self.entries)
        record = json.loads(lines[at])
        for name, change in changes.items():
            record[name] = change(record[name])
        lines[at] = tool.canonical(record)
        return lines

    def turned(self, digits):
        at = self.chance.randrange(len(digits))
        other = self.chance.choice([d for d in "0123456789abcdefABCDEF" if d != digits[at]])
        return digits[:at] + other + digits[at + 1 :]

    def by_changing_a_byte(self, lines):
        at = self.chance.randrange(len(lines))
        line = bytearray(lines[at])
        place = self.chance.randrange(len(line))
        line[place] = self.chance.choice([b for b in range(256) if b != line[place]])
        lines[at] = bytes(line)
        return b"".join(lines).splitlines(keepends=True)

    def by_changing_a_name(self, lines):
        return self.edited(lines, body=lambda body: body.replace("改", "改改", 1) if "改" in body else body + " ")

    def by_changing_the_actor(self, lines):
        return self.edited(lines, body=lambda body: body.replace('"actor":"system"', '"actor":"nobody"'))

    def by_changing_a_hash(self, lines):
        return self.edited(lines, hash=self.turned)

    def by_editing_a_signature(self, lines):
        return self.edited(lines, signature=lambda s: self.turned(s) if s else self.turned("0" * 128))

    def by_taking_a_signature(self, lines):
        signed = [at for at in self.entries if json.loads(lines[at])["signature"]]
        at = self.chance.choice(signed)
        lines[at] = tool.canonical({**json.loads(lines[at]), "signature": ""})
        return lines

    def by_removing(self, lines):
        start = self.chance.randrange(len(lines))
        del lines[start : start + self.chance.randint(1, 4)]
        return lines

    def by_reordering(self, lines):
        one, other = self.chance.sample(range(len(lines)), 2)
        lines[one], lines[other] = lines[other], lines[one]
        return lines

    def by_truncating(self, lines):
        return lines[: self.chance.randrange(len(lines))]

    def by_truncating_and_keeping_the_end(self, lines):
        return [*lines[: self.chance.randrange(1, len(lines) - 1)], lines[-1]]

    def by_truncating_and_writing_an_end(self, lines):
        kept = lines[: self.chance.randrange(2, len(lines) - 1)]
        last = json.loads(kept[-1])
        end = {**json.loads(lines[-1]), "last": last["seq"], "head": last["hash"]}
        return [*kept, tool.canonical(end)]

    def by_cutting_a_line_short(self, lines):
        return [*lines[:-1], lines[-1][: self.chance.randrange(len(lines[-1]))]]

    def by_duplicating(self, lines):
        at = self.chance.randrange(len(lines))
        lines.insert(self.chance.randrange(len(lines) + 1), lines[at])
        return lines

    def by_swapping_hashes(self, lines):
        return self.swapped(lines, "hash")

    def by_swapping_bodies(self, lines):
        return self.swapped(lines, "body")

    def by_swapping_signatures(self, lines):
        return self.swapped(lines, "signature")

    def swapped(self, lines, name):
        one, other = self.chance.sample(self.entries, 2)
        first, second = json.loads(lines[one]), json.loads(lines[other])
        first[name], second[name] = second[name], first[name]
        lines[one], lines[other] = tool.canonical(first), tool.canonical(second)
        return lines

    def by_rewriting_history(self, lines):
        """Change one body and work out every later hash anew, as one can without the key."""
        at = self.chance.choice(self.entries)
        head = json.loads(lines[at - 1]).get("hash", "0" * 64)
        for place in range(at, len(lines) - 1):
            record = json.loads(lines[place])
            if place == at:
                record["body"] = record["body"].replace('"actor":"system"', '"actor":"nobody"')
            head = record["hash"] = hashlib.sha256(f"{head}\n{record['body']}".encode()).hexdigest()
            lines[place] = tool.canonical(record)
        lines[-1] = tool.canonical({**json.loads(lines[-1]), "head": head})
        return lines


def test_a_thousand_falsifications_are_all_found(export):
    forger, ways, tried = Forger(export, seed=20070328), set(), 0
    while tried < 1000:
        way, lines = forger.forge()
        if lines == export:
            continue
        tried += 1
        ways.add(way)
        fault = fault_of(lines)
        assert fault is not None, way
        assert all(part not in fault for part in ("Traceback", "None"))
    assert ways == {name for name in dir(Forger) if name.startswith("by_")}


def test_the_fault_names_the_first_entry_concerned(export):
    wrong = list(export)
    wrong[7] = tool.canonical({**json.loads(wrong[7]), "body": json.loads(wrong[7])["body"] + " "})
    del wrong[12]
    assert fault_of(wrong).startswith("entry 7: its hash")


def test_signing_anew_under_another_key_needs_the_known_key_to_be_found(export):
    key = Ed25519PrivateKey.generate()
    first = {"kind": "yulan-trail", "version": 1, "public_key": key.public_key().public_bytes_raw().hex()}
    lines = [tool.canonical(first)]
    for line in export[1:-1]:
        record = json.loads(line)
        if record["signature"]:
            record["signature"] = key.sign(f"yulan-head\n{record['seq']}\n{record['hash']}".encode()).hex()
        lines.append(tool.canonical(record))
    end = json.loads(export[-1])
    words = ("yulan-end", end["first"], end["last"], end["head"], end["at"])
    lines.append(tool.canonical({**end, "signature": key.sign("\n".join(map(str, words)).encode()).hex()}))
    assert fault_of(lines) is None
    assert "another key" in fault_of(lines, key=keys.public_key())


def test_an_old_export_needs_the_noted_head_to_be_found(export):
    noted = json.loads(export[-1])
    with change_set(by=SYSTEM) as cs:
        cs.create(Holiday(date=date(1991, 1, 1), name="元旦", edition=1991))
    newer = [line.encode() for line in export_trail()]
    assert fault_of(newer, expected=[(noted["last"], noted["head"])]) is None
    head = json.loads(newer[-1])
    assert "cut short" in fault_of(export, expected=[(head["last"], head["head"])])
    assert "not the one expected" in fault_of(newer, expected=[(3, "0" * 64)])


def test_it_runs_alone(export, tmp_path):
    path = tmp_path / "trail.jsonl"

    def run(*arguments, **options):
        command = [sys.executable, "-I", str(TOOL), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env={}, cwd=tmp_path, **options)
        return done.returncode, done.stdout + done.stderr

    path.write_bytes(b"".join(export))
    status, said = run(str(path), "--key", keys.public_key())
    head = json.loads(export[-1])
    assert status == 0
    assert f"head {head['last']}:{head['head']}" in said
    assert run("-", input=path.read_text())[0] == 0
    path.write_bytes(b"".join(export[:5] + export[6:]))
    assert run(str(path)) == (
        1,
        "FAULT entry 5: the line is not as exported: a number, a member or its writing differs\n",
    )
    for nothing in (b"", b"\xff\xfe", b"[" * 100_000, b"null\n", b"{}\n"):
        path.write_bytes(nothing)
        status, said = run(str(path))
        assert status == 1
        assert said.startswith("FAULT")
    assert run(str(tmp_path / "none"))[0] == 2
    assert run(str(path), "--expect", "x")[0] == 2


def test_it_is_small_and_imports_nothing_of_yulan():
    source = TOOL.read_text()
    assert len(source.splitlines()) < 200
    imported = {
        line.split()[1].partition(".")[0] for line in source.splitlines() if line.startswith(("import ", "from "))
    }
    assert imported <= set(sys.stdlib_module_names) | {"cryptography"}
