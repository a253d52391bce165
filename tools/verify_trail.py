#!/usr/bin/env python3
"""Check an exported trail of Yulan, independently: the standard library and `cryptography`, nothing of Yulan.

    python verify_trail.py TRAIL.jsonl [--key HEX] [--expect SEQ:HASH]...

Give - to read standard input. --key is the public key that you know to be the installation's (without it the one
in the file is believed, and shown). --expect is a head that you noted earlier, as this program prints it; without
one, an old export passes for the whole trail. Exit status: 0 whole, 1 a fault (the first is printed), 2 misuse.

What is checked, over every byte of the file: the first line; that entries are numbered 1, 2, 3 …; that each hash
is SHA-256(hash before + newline + body), beginning with 64 zeros; that each body names its own number and its
change set; that the last entry of every change set is signed, and every signature is good (Ed25519); that the
last line, signed, names the last entry. The format stands in the docstring of yulan.kernel.trail.
"""

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

GENESIS = "0" * 64


class Fault(Exception):
    """The first thing found wrong."""


def canonical(value: object) -> bytes:
    """Write JSON in the one form that an export has."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def fail(seq: int | None, reason: str) -> NoReturn:
    """Stop at a fault."""
    raise Fault(f"entry {seq}: {reason}" if seq is not None else reason)


def parse(line: bytes, seq: int | None) -> dict[str, Any]:
    """Read one line as a JSON object."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        fail(seq, "the line is not JSON")
    if not isinstance(value, dict):
        fail(seq, "the line is not a JSON object")
    return value


def text(record: dict[str, Any], name: str, pattern: str, seq: int | None) -> str:
    """Give a member that must be text of a form."""
    value = record.get(name)
    if not isinstance(value, str) or not re.fullmatch(pattern, value, re.DOTALL):
        fail(seq, f"its {name} is missing or malformed")
    return value


def require_exact(line: bytes, record: dict[str, Any], seq: int | None) -> None:
    """Refuse a line that holds anything else than it should, or is written another way."""
    try:
        same = canonical(record) == line
    except UnicodeEncodeError:
        same = False
    if not same:
        fail(seq, "the line is not as exported: a number, a member or its writing differs")


class Verifier:
    """Walks an export once; holds what the next line must follow on."""

    def __init__(self, key: str | None, expected: dict[int, str]) -> None:
        self.expected_key, self.expected = key, expected
        self.seq, self.head, self.sets, self.set, self.signed = 0, GENESIS, 0, 0, True
        self.key, self.at = "", ""

    def run(self, lines: Iterable[bytes]) -> None:
        """Check all lines; raises Fault at the first that is wrong."""
        rest: Iterator[bytes] = iter(lines)
        self.first(next(rest, b""))
        for line in rest:
            record = parse(line, self.seq + 1)
            if record.get("kind") == "end":
                self.end(line, record)
                if next(rest, None) is not None:
                    fail(None, f"something follows the last line, after entry {self.seq}")
                return
            self.entry(line, record)
        fail(self.seq + 1, "the file stops here: the last line, with its signature, is missing")

    def first(self, line: bytes) -> None:
        """Check the first line and take the key from it."""
        record = parse(line, None) if line else fail(None, "the file is empty")
        self.key = text(record, "public_key", "[0-9a-f]{64}", None)
        require_exact(line, {"kind": "yulan-trail", "version": 1, "public_key": self.key}, None)
        if self.expected_key is not None and self.key != self.expected_key:
            fail(None, f"it is signed under another key: {self.key}")

    def check_signature(self, signature: str, signed_text: str, seq: int) -> None:
        """Refuse a signature that is not the installation's over that text."""
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key))
            key.verify(bytes.fromhex(signature), signed_text.encode())
        except (InvalidSignature, ValueError):
            fail(seq, "the signature is not good")

    def entry(self, line: bytes, record: dict[str, Any]) -> None:
        """Check one entry against the ones before."""
        seq = self.seq + 1
        body = text(record, "body", ".+", seq)
        digest = text(record, "hash", "[0-9a-f]{64}", seq)
        signature = text(record, "signature", "([0-9a-f]{128})?", seq)
        require_exact(line, {"seq": seq, "body": body, "hash": digest, "signature": signature}, seq)
        if hashlib.sha256(f"{self.head}\n{body}".encode()).hexdigest() != digest:
            fail(seq, "its hash does not follow from its body and the entry before")
        self.enter_set(parse(body.encode(), seq), seq)
        if signature:
            self.check_signature(signature, f"yulan-head\n{seq}\n{digest}", seq)
        if self.expected.get(seq, digest) != digest:
            fail(seq, f"its hash is not the one expected, {self.expected[seq]}")
        self.seq, self.head, self.signed = seq, digest, bool(signature)

    def enter_set(self, body: dict[str, Any], seq: int) -> None:
        """Check which change set an entry says it is of; the last entry of the set before must be signed."""
        if body.get("seq") != seq:
            fail(seq, f"its body says it is entry {body.get('seq')}")
        if body.get("set") == seq:
            if not self.signed:
                fail(self.seq, "the last entry of its change set is not signed")
            self.set, self.sets = seq, self.sets + 1
        elif body.get("set") != self.set or not self.set:
            fail(seq, "it belongs to no change set that is open")

    def end(self, line: bytes, record: dict[str, Any]) -> None:
        """Check the last line, which says where the trail ends."""
        if not self.signed:
            fail(self.seq, "the last entry is not signed")
        self.at = text(record, "at", "[0-9T:.+-]{10,40}", self.seq)
        signature = text(record, "signature", "[0-9a-f]{128}", self.seq)
        first = 1 if self.seq else 0
        if (record.get("first"), record.get("last"), record.get("head")) != (first, self.seq, self.head):
            fail(self.seq, f"the last line says that the trail ends at entry {record.get('last')}")
        whole = {"kind": "end", "first": first, "last": self.seq, "head": self.head, "at": self.at}
        require_exact(line, {**whole, "signature": signature}, self.seq)
        self.check_signature(signature, f"yulan-end\n{first}\n{self.seq}\n{self.head}\n{self.at}", self.seq)
        if beyond := min((seq for seq in self.expected if seq > self.seq), default=None):
            fail(beyond, f"expected, but the trail ends at entry {self.seq}: it was cut short or is an old export")


def expectation(given: str) -> tuple[int, str]:
    """Read SEQ:HASH."""
    seq, _colon, digest = given.partition(":")
    if not re.fullmatch("[1-9][0-9]{0,18}", seq) or not re.fullmatch("[0-9a-f]{64}", digest):
        raise argparse.ArgumentTypeError("give SEQ:HASH, a number and 64 hexadecimal digits")
    return int(seq), digest


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("trail", help="exported trail (JSON lines); - for standard input")
    parser.add_argument("--key", help="public key that the signatures must be under, 64 hexadecimal digits")
    parser.add_argument("--expect", action="append", default=[], type=expectation, metavar="SEQ:HASH")
    given = parser.parse_args(arguments)
    verifier = Verifier(given.key, dict(given.expect))
    try:
        with sys.stdin.buffer if given.trail == "-" else open(given.trail, "rb") as file:
            verifier.run(file)
    except Fault as fault:
        print(f"FAULT {fault}")
        return 1
    except OSError as error:
        print(f"cannot read {given.trail}: {error.strerror}", file=sys.stderr)
        return 2
    print(f"whole: {verifier.seq} entries in {verifier.sets} change sets, exported {verifier.at}")
    print(f"head {verifier.seq}:{verifier.head}")
    print(f"key {verifier.key}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
