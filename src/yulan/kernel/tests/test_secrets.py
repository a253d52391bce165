"""Personal fields: sealing, erasing, restoring, rotating, searching, masking."""

import json
import os
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from yulan.kernel import secrets
from yulan.kernel.secrets import (
    BrokenSeal,
    Erased,
    Erasure,
    MasterKeyMissing,
    PersonKey,
    blind_index,
    blind_indexes,
    erase,
    mask,
    new_subject,
    open_all,
    open_sealed,
    replay_erasures,
    rewrap,
    seal,
    seal_all,
)

IDENTITY = "310000190001011234"


@pytest.fixture(autouse=True)
def var(settings, tmp_path, monkeypatch):
    """Give a folder of its own to every test."""
    settings.VAR = tmp_path
    settings.KEYS_ROOT = tmp_path / "keys"
    monkeypatch.delenv("YULAN_MASTER_KEY", raising=False)
    return tmp_path


@pytest.fixture
def person():
    return new_subject()


@pytest.mark.django_db
class TestSeal:
    def test_it_opens_to_the_same_text(self, person):
        for text in (IDENTITY, "张三", "é\0\n", "病" * 5000):
            token = seal(person, "identity", text)
            assert text not in token
            assert open_sealed(person, "identity", token) == text

    def test_equal_texts_look_different(self, person):
        assert seal(person, "phone", "16000001234") != seal(person, "phone", "16000001234")

    def test_empty_stays_empty_and_makes_no_key(self, person):
        assert (seal(person, "phone", ""), open_sealed(person, "phone", "")) == ("", "")
        assert not PersonKey.objects.exists()

    def test_nothing_clear_lies_in_the_database(self, person):
        seal(person, "identity", IDENTITY)
        row = PersonKey.objects.get(subject=person)
        assert len(bytes(row.wrapped)) == 12 + 32 + 16

    def test_a_token_does_not_open_for_another_person_or_field(self, person):
        token, other = seal(person, "identity", IDENTITY), new_subject()
        seal(other, "identity", IDENTITY)
        for subject, field in ((other, "identity"), (person, "phone")):
            with pytest.raises(BrokenSeal, match="altered or moved"):
                open_sealed(subject, field, token)
        with pytest.raises(BrokenSeal, match="no key"):
            open_sealed(new_subject(), "identity", token)

    def test_any_changed_bit_breaks_the_seal(self, person):
        token = seal(person, "identity", IDENTITY)
        raw = urlsafe_b64decode(token[3:])
        for place in range(len(raw)):
            bad = bytearray(raw)
            bad[place] ^= 1
            with pytest.raises(BrokenSeal):
                open_sealed(person, "identity", "s1." + urlsafe_b64encode(bad).decode())
        for bad in ("s1.", "s1.AAAA", "s2" + token[2:], IDENTITY, "s1.é", token[:-5]):
            with pytest.raises(BrokenSeal):
                open_sealed(person, "identity", bad)

    def test_a_key_moved_to_another_person_does_not_unwrap(self, person):
        token, other = seal(person, "identity", IDENTITY), new_subject()
        stolen = PersonKey.objects.get(subject=person)
        PersonKey.objects.create(subject=other, master=stolen.master, wrapped=stolen.wrapped)
        with pytest.raises(Exception, match=r"^$|InvalidTag"):
            open_sealed(other, "identity", token)

    @pytest.mark.parametrize("subject", ["", "!blind-index", "a b", "张三", "x" * 101, "a\n"])
    def test_a_strange_name_is_refused(self, subject):
        with pytest.raises(ValueError, match="new_subject"):
            seal(subject, "identity", IDENTITY)
        with pytest.raises(ValueError, match="new_subject"):
            erase(subject, by="dpo", reason="")

    def test_many_at_once_take_few_queries(self, django_assert_max_num_queries):
        seal(new_subject(), "phone", "1")
        items = [(new_subject(), "phone", f"160{number:08}") for number in range(300)]
        with django_assert_max_num_queries(8):
            tokens = seal_all(items)
        with django_assert_max_num_queries(1):
            opened = open_all([(s, f, token) for (s, f, _t), token in zip(items, tokens, strict=True)])
        assert opened == [text for _s, _f, text in items]


@pytest.mark.django_db(transaction=True)
class TestErasure:
    def test_nothing_opens_and_nothing_can_be_sealed_again(self, person, var):
        token = seal(person, "identity", IDENTITY)
        assert erase(person, by="dpo", reason="request 2026-7")
        assert open_sealed(person, "identity", token) is None
        with pytest.raises(Erased, match="anew"):
            seal(person, "identity", IDENTITY)
        assert not erase(person, by="dpo", reason="again")
        (line,) = (var / "erasures.log").read_text().splitlines()
        assert json.loads(line) | {"at": ""} == {"subject": person, "at": "", "by": "dpo", "reason": "request 2026-7"}
        assert (var / "erasures.log").stat().st_mode & 0o777 == 0o600

    def test_others_are_untouched(self, person):
        token, other = seal(person, "phone", "16000001234"), new_subject()
        seal(other, "phone", "16100001234")
        erase(other, by="dpo", reason="")
        assert open_sealed(person, "phone", token) == "16000001234"

    def test_an_erasure_that_is_rolled_back_leaves_no_line(self, person, var):
        token = seal(person, "identity", IDENTITY)
        with transaction.atomic():
            erase(person, by="dpo", reason="")
            transaction.set_rollback(True)
        assert open_sealed(person, "identity", token) == IDENTITY
        assert not (var / "erasures.log").exists()

    def test_a_restored_backup_is_erased_again(self, person):
        token = seal(person, "identity", IDENTITY)
        backup = PersonKey.objects.get(subject=person)
        erase(person, by="dpo", reason="request")
        ledger = Erasure.objects.get()
        Erasure.objects.all().delete()
        PersonKey.objects.filter(subject=person).delete()
        backup.pk = None
        backup.save()
        assert open_sealed(person, "identity", token) == IDENTITY
        assert replay_erasures() == 1
        assert open_sealed(person, "identity", token) is None
        again = Erasure.objects.get()
        assert (again.subject, again.at, again.by, again.reason) == (person, ledger.at, "dpo", "request")
        assert replay_erasures() == 0

    def test_a_backup_without_the_person_cannot_seal_under_the_name_either(self, person):
        erase(person, by="dpo", reason="")
        Erasure.objects.all().delete()
        PersonKey.objects.all().delete()
        replay_erasures()
        with pytest.raises(Erased):
            seal(person, "identity", IDENTITY)

    def test_the_outside_copy_is_made_whole_from_the_ledger(self, person, var):
        erase(person, by="dpo", reason="")
        other = new_subject()
        erase(other, by="dpo", reason="二")
        log = var / "erasures.log"
        log.write_bytes(log.read_bytes()[:-9])
        assert replay_erasures() == 0
        assert [json.loads(line)["subject"] for line in log.read_text().splitlines()] == [person, other]

    def test_a_spoilt_line_stops_the_replay(self, person, var):
        erase(person, by="dpo", reason="")
        log = var / "erasures.log"
        for bad in (
            "{}",
            "x",
            '{"subject": "!blind-index", "at": "2026-01-01T00:00:00+00:00", "by": "", "reason": ""}',
        ):
            log.write_text(f"{bad}\n")
            with pytest.raises(ValueError, match="line 1"):
                replay_erasures()

    def test_the_database_refuses_a_key_without_bytes_that_was_not_destroyed(self, person):
        with pytest.raises(IntegrityError):
            PersonKey.objects.create(subject=person, master="x")

    @pytest.mark.sqlite
    def test_the_destroyed_key_is_overwritten_in_the_file(self, person, tmp_path):
        seal(person, "identity", IDENTITY)
        wrapped = bytes(PersonKey.objects.get(subject=person).wrapped)
        erase(person, by="dpo", reason="")
        copy = tmp_path / "copy.sqlite3"
        import sqlite3

        target = sqlite3.connect(copy)
        connection.connection.backup(target)
        target.close()
        assert wrapped not in copy.read_bytes()


@pytest.mark.django_db(transaction=True)
class TestMasterKey:
    def test_it_is_made_once_for_the_owner_only(self, person, var):
        seal(person, "phone", "1")
        path = var / "keys" / "personal.key"
        before = path.read_text()
        assert path.stat().st_mode & 0o777 == 0o600
        seal(new_subject(), "phone", "1")
        assert path.read_text() == before
        assert list(path.parent.iterdir()) == [path]

    def test_many_threads_make_one_file_and_one_key(self, person, var):
        tokens, start = [], threading.Barrier(8)

        def work():
            start.wait()
            try:
                tokens.append(seal(person, "phone", "16000001234"))
            finally:
                connection.close()

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert open_all([(person, "phone", token) for token in tokens]) == ["16000001234"] * 8

    def test_a_lost_file_is_not_silently_replaced(self, person, var):
        token = seal(person, "phone", "1")
        path = var / "keys" / "personal.key"
        kept = path.read_text()
        path.unlink()
        with pytest.raises(MasterKeyMissing, match=r"put back .*personal\.key"):
            seal(new_subject(), "phone", "1")
        path.write_text("0" * 64)
        with pytest.raises(MasterKeyMissing, match="put back"):
            open_sealed(person, "phone", token)
        path.write_text("not a key")
        with pytest.raises(MasterKeyMissing, match="64 hexadecimal"):
            open_sealed(person, "phone", token)
        path.write_text(kept)
        assert open_sealed(person, "phone", token) == "1"

    def test_rotation_keeps_everything_open_and_indexes_equal(self, person, var):
        token, found = seal(person, "phone", "16000001234"), blind_index("phone", "16000001234")
        erased = new_subject()
        erase(erased, by="dpo", reason="")
        new = os.urandom(32)
        assert rewrap(new) == 2
        assert (var / "keys" / "personal.key").read_text() == f"{new.hex()}\n"
        assert set(PersonKey.objects.exclude(wrapped=None).values_list("master", flat=True)) == {
            secrets._fingerprint(new)
        }
        assert open_sealed(person, "phone", token) == "16000001234"
        assert blind_index("phone", "16000001234") == found
        assert open_sealed(person, "phone", seal(person, "phone", "2")) == "2"

    def test_a_rotation_that_fails_half_way_loses_nothing(self, person, var):
        token = seal(person, "phone", "16000001234")
        with transaction.atomic():
            rewrap(os.urandom(32))
            transaction.set_rollback(True)
        assert len((var / "keys" / "personal.key").read_text().split()) == 2
        assert open_sealed(person, "phone", token) == "16000001234"
        later = new_subject()
        assert open_sealed(later, "phone", seal(later, "phone", "2")) == "2"
        last = os.urandom(32)
        rewrap(last)
        assert (var / "keys" / "personal.key").read_text() == f"{last.hex()}\n"
        assert open_sealed(person, "phone", token) == "16000001234"

    def test_the_environment_goes_first(self, person, var, monkeypatch):
        old, new = os.urandom(32), os.urandom(32)
        monkeypatch.setenv("YULAN_MASTER_KEY", old.hex())
        token = seal(person, "phone", "1")
        assert not (var / "keys").exists()
        with pytest.raises(MasterKeyMissing, match="put the new key first"):
            rewrap(new)
        monkeypatch.setenv("YULAN_MASTER_KEY", f"{new.hex()},{old.hex()}")
        rewrap(new)
        monkeypatch.setenv("YULAN_MASTER_KEY", new.hex())
        assert open_sealed(person, "phone", token) == "1"

    def test_a_short_key_is_refused(self):
        with pytest.raises(ValueError, match="32 bytes"):
            rewrap(b"secret")


@pytest.mark.django_db
class TestBlindIndex:
    def test_width_case_spaces_and_dashes_do_not_matter(self):
        found = blind_index("identity", "31000019000101123X")
        for other in (
            "31000019000101123x",
            "310000 19000101 123X",
            "310000-19000101-123x",
            "３１００００１９０００１０１１２３Ｘ",
        ):
            assert blind_index("identity", other) == found
        assert blind_index("identity", "310000190001011231") != found
        assert blind_index("phone", "31000019000101123X") != found

    def test_it_is_keyed_by_the_installation(self, settings, tmp_path):
        found = blind_index("phone", "16000001234")
        PersonKey.objects.all().delete()
        assert blind_index("phone", "16000001234") != found

    def test_of_nothing_there_is_none(self):
        assert blind_indexes("phone", ["", " - ", "1"])[:2] == ["", ""]

    def test_many_take_one_query(self, django_assert_num_queries):
        one = blind_index("phone", "7")
        with django_assert_num_queries(1):
            assert blind_indexes("phone", [str(n) for n in range(1000)])[7] == one


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("identity", "310000190001011234", "310***********1234"),
        ("identity", "310101900307123", "310********7123"),
        ("identity", "12345", "*****"),
        ("phone", "16012341234", "160****1234"),
        ("phone", "5551234", "*******"),
        ("name", "张三", "张*"),
        ("name", "欧阳修", "欧**"),
        ("name", "张", "*"),
        ("bank", "0000001001112345678", "***************5678"),
        ("bank", "12345", "*****"),
        ("health", "高血压", "***"),
        ("name", "", ""),
    ],
)
def test_masks(kind, text, shown):
    assert mask(kind, text) == shown


@given(st.sampled_from(["identity", "phone", "bank", "name", "health"]), st.text(min_size=1, max_size=30))
def test_a_mask_hides_at_least_a_third(kind, text):
    shown = mask(kind, text.replace("*", "x"))
    assert len(shown) == len(text)
    assert shown.count("*") * 3 >= len(text)
