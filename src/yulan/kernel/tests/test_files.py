"""Files: what they are, how they are kept and served, and what hostile ones may not do."""

import hashlib
import io
import json
import os
import struct
import threading
import zipfile
import zlib
from contextlib import suppress

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from yulan.kernel import files
from yulan.kernel.access import SYSTEM
from yulan.kernel.files import (
    attach,
    clean_name,
    faults,
    path_of,
    publish_file,
    receive,
    serve,
    sweep_files,
    withdraw_file,
)
from yulan.kernel.trail import TrailEntry
from yulan.kernel.verify import verify_all


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"
    return settings.FILES_ROOT


def picture(form="PNG", size=(60, 40), mode="RGB", **options):
    made = Image.effect_mandelbrot(size, (-2, -1.5, 1, 1.5), 60).convert(mode)
    if mode == "RGBA":
        made.putalpha(99)
    data = io.BytesIO()
    made.save(data, form, **options)
    return data.getvalue()


OFFICE = "application/vnd.openxmlformats-officedocument."


def zipped(*names, content=b"x"):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return data.getvalue()


def kind(data, name="f"):
    return receive([data], name).content_type


def refused(data, name="f"):
    with pytest.raises(ValidationError) as found:
        receive([data], name)
    return found.value.code


def kept(root):
    return sorted(path.name for path in root.rglob("*") if path.is_file())


class TestKinds:
    @pytest.mark.parametrize(
        ("data", "name", "expected"),
        [
            (b"%PDF-1.4 ...", "a.exe.pdf", "application/pdf"),
            (picture("PNG"), "a.txt", "image/png"),
            (picture("JPEG"), "a", "image/jpeg"),
            (picture("JPEG", progressive=True), "a", "image/jpeg"),
            (picture("GIF"), "a", "image/gif"),
            (picture("WEBP"), "a", "image/webp"),
            (picture("PNG", mode="P"), "a", "image/png"),
            (zipped("[Content_Types].xml", "word/document.xml"), "a.docx", OFFICE + "wordprocessingml.document"),
            (zipped("[Content_Types].xml", "xl/workbook.xml"), "a.zip", OFFICE + "spreadsheetml.sheet"),
            (zipped("[Content_Types].xml", "ppt/presentation.xml"), "a", OFFICE + "presentationml.presentation"),
            (zipped("OFD.xml", "Doc_0/Document.xml"), "a.ofd", "application/ofd"),
            (zipped("说明.txt"), "a.docx", "application/zip"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "旧表.XLS", "application/vnd.ms-excel"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.wps", "application/msword"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.bin", "application/x-ole-storage"),
            (b"\0\0\0\x18ftypmp42....", "a.mp4", "video/mp4"),
            (b"\0\0\0\x18ftypheic....", "a.heic", "image/heic"),
            ("项目,金额\n学校,3".encode("gb18030"), "表.csv", "text/csv"),
            ("\ufeff项目,金额".encode(), "表.csv", "text/csv"),
            ("说明" * 40_000, "a.txt", "text/plain"),
            ("说明".encode("utf-16"), "a.txt", "text/plain"),
            (b"plain", "a", "text/plain"),
            (b"\0\1\2\3", "a.pdf", "application/octet-stream"),
            (b"<!DOCTYPE html><p>", "a.txt", "text/html"),
            (b"hello <ScRiPt>alert(1)</script>", "a.csv", "text/html"),
            ("<html>".encode("utf-16"), "a.txt", "text/html"),
            (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>", "a.png", "image/svg+xml"),
            (b"<?xml version='1.0'?><a/>", "a.xml", "text/xml"),
        ],
    )  # fmt: skip
    def test_the_bytes_decide(self, data, name, expected):
        assert kind(data.encode() if isinstance(data, str) else data, name) == expected

    @pytest.mark.parametrize(
        ("data", "name"),
        [
            (b"MZ\x90\0", "a.pdf"),
            (b"\x7fELF\2", "photo.png"),
            (b"#!/bin/sh\nrm -rf /", "a.txt"),
            (b"\xcf\xfa\xed\xfe", "a"),
            (b"\xca\xfe\xba\xbe", "a.class"),
            (b"L\0\0\0\x01\x14\x02\0\0\0", "a"),
            (b"@echo off", "a.BAT"),
            (b"WScript.Echo", "a.vbs"),
            (b"harmless", "发票.pdf.exe"),
            (zipped("META-INF/MANIFEST.MF", "A.class"), "a.zip"),
            (zipped("AndroidManifest.xml"), "a.zip"),
        ],
    )
    def test_programs_are_refused(self, data, name, root):
        assert refused(data, name) == "program"
        assert kept(root) == []


class TestHostile:
    def test_a_picture_of_too_many_pixels_is_refused_from_its_header(self):
        def png(width, height):
            head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
            parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 999)), (b"IEND", b""))
            body = b"".join(struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d)) for t, d in parts)
            return b"\x89PNG\r\n\x1a\n" + body

        assert refused(png(8000, 5001)) == "pixels"
        assert refused(png(60_000, 60_000)) == "pixels"
        assert refused(png(2**31 - 1, 2**31 - 1)) in ("pixels", "picture")
        assert refused(b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + b"\0\0\0;") in ("pixels", "picture")

    def test_a_compressed_text_bomb_in_a_picture_is_refused(self):
        text = b"c\0\0" + zlib.compress(bytes(200_000_000), 9)
        chunk = struct.pack(">I", len(text)) + b"zTXt" + text + struct.pack(">I", zlib.crc32(b"zTXt" + text))
        data = picture("PNG")
        assert refused(data[:33] + chunk + data[33:]) == "picture"

    def test_a_jpeg_of_countless_scans_is_refused(self):
        data = picture("JPEG")
        assert refused(data[:-2] + b"\xff\xda\0\2" * 5000 + data[-2:]) == "picture"

    @pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
    def test_a_picture_cut_short_is_refused(self, form, root):
        data = picture(form, (400, 300))
        for part in (0.1, 0.5, 0.9):
            assert refused(data[: int(len(data) * part)]) == "picture"
        assert kept(root) == []

    @pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
    @given(data=st.data())
    def test_a_damaged_picture_is_kept_or_refused_and_nothing_else(self, form, data):
        damaged = bytearray(picture(form))
        for _ in range(data.draw(st.integers(1, 8))):
            damaged[data.draw(st.integers(8, len(damaged) - 1))] = data.draw(st.integers(0, 255))
        with suppress(ValidationError):
            receive([bytes(damaged)], "a")

    def test_a_picture_that_is_also_a_page_stays_a_picture_and_its_public_copy_only_that(self, db):
        page = b"<script>alert(1)</script>"
        for data in (picture("JPEG") + page + zipped("a.exe"), picture("PNG") + page, picture("GIF", comment=page)):
            file = attach(make_owner(), SimpleUploadedFile("a.html", data), by=SYSTEM, public=True)
            assert file.content_type.startswith("image/")
            copy = path_of(file.public_sha256).read_bytes()
            assert page not in copy
            assert b"a.exe" not in copy

    def test_markup_behind_a_picture_s_first_bytes_is_no_picture(self):
        assert refused(b"GIF89a=1;/*<script>alert(1)</script>*/") == "picture"
        assert refused(b"\xff\xd8\xff<html><script>") == "picture"

    def test_archives_that_would_burst_are_refused(self):
        data = bytearray(zipped("a.txt", content=b"0" * 1000))
        at = data.rfind(b"PK\x01\x02")
        data[at + 24 : at + 28] = struct.pack("<I", 2**31)
        assert refused(bytes(data)) == "bomb"

    def test_archives_that_lie_or_are_cut_short_are_refused(self):
        data = zipped(*(f"{n}.txt" for n in range(50)))
        assert refused(data[:200]) == "zip"
        assert refused(data[:-5]) == "zip"
        assert refused(b"PK\x03\x04" + os.urandom(5000).replace(b"PK", b"")) == "zip"
        end = data.rfind(b"PK\x05\x06")
        assert refused(data[: end + 12] + b"\xff\xff\xff\x7f" + data[end + 16 :]) == "zip"

    def test_size_is_counted_while_it_comes(self, root):
        def endless():
            while True:
                yield bytes(1024 * 1024)

        with pytest.raises(ValidationError, match="20 MB"):
            receive(endless(), "a")
        assert refused(b"") == "empty"
        assert kept(root) == []


class TestKeeping:
    def test_bytes_lie_under_their_hash_once_for_the_owner_only(self, root):
        digest = hashlib.sha256(b"hello").hexdigest()
        for name in ("a.txt", "b.txt"):
            assert receive([b"he", b"llo"], name) == files.Kept(name, 5, digest, "text/plain")
        assert kept(root) == [digest]
        path = root / digest[:2] / digest
        assert path.read_bytes() == b"hello"
        assert path.stat().st_mode & 0o777 == 0o600

    def test_many_at_once_keep_one(self, root):
        start = threading.Barrier(8)

        def send():
            start.wait()
            receive([b"x" * 100_000], "a")

        threads = [threading.Thread(target=send) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert kept(root) == [hashlib.sha256(b"x" * 100_000).hexdigest()]

    def test_a_failure_half_way_leaves_nothing(self, root):
        def breaking():
            yield b"half"
            raise ConnectionError

        with pytest.raises(ConnectionError):
            receive(breaking(), "a")
        assert kept(root) == []


def make_owner():
    return Group.objects.get_or_create(name="owner")[0]


def make_file(data=b"report", name="报告.txt", public=False):
    return attach(make_owner(), SimpleUploadedFile(name, data), by=SYSTEM, public=public)


@pytest.mark.django_db
class TestAttachments:
    def test_it_says_whose_it_is_and_who_brought_it(self):
        file = make_file()
        assert (file.owner, file.owner_id, file.uploaded_by) == ("auth.group", make_owner().pk, "system")
        assert (file.name, file.size, file.content_type, file.public) == ("报告.txt", 6, "text/plain", False)

    def test_it_is_a_download_in_a_sandbox(self):
        for data, name in ((b"report", "报告\u202egpj.txt"), (b"<script>", 'a"\r\nX: y.html'), (picture(), "a.png")):
            response = serve(make_file(data, name))
            assert b"".join(response) == data
            disposition = response["Content-Disposition"]
            assert disposition.startswith("attachment")
            assert "\n" not in disposition
            assert "\u202e" not in disposition
            assert response["X-Content-Type-Options"] == "nosniff"
            assert "sandbox" in response["Content-Security-Policy"]
            assert response["Cache-Control"] == "private, no-store"

    @pytest.mark.parametrize("data", [b"<html>", b"<svg/>", b"<?xml version='1.0'?><a/>"])
    def test_what_a_browser_would_run_goes_as_mere_bytes(self, data):
        assert serve(make_file(data, "a.html"))["Content-Type"] == "application/octet-stream"

    def test_the_public_sees_nothing_until_it_is_published(self):
        file = make_file()
        with pytest.raises(FileNotFoundError, match="not public"):
            serve(file, public=True)
        publish_file(file, by=SYSTEM)
        assert b"".join(serve(file, public=True)) == b"report"
        withdraw_file(file, by=SYSTEM, reason="wrong file")
        with pytest.raises(FileNotFoundError):
            serve(file, public=True)

    @pytest.mark.parametrize(("form", "mode", "shown"), [
        ("JPEG", "RGB", "image/jpeg"), ("JPEG", "CMYK", "image/jpeg"), ("JPEG", "L", "image/jpeg"),
        ("PNG", "RGBA", "image/png"), ("PNG", "P", "image/jpeg"), ("PNG", "LA", "image/png"),
        ("PNG", "I;16", "image/jpeg"), ("PNG", "1", "image/jpeg"), ("GIF", "P", "image/jpeg"),
        ("WEBP", "RGB", "image/jpeg"), ("WEBP", "RGBA", "image/png"),
    ])  # fmt: skip
    def test_a_public_picture_is_small_and_shown_in_the_page(self, form, mode, shown):
        file = make_file(picture(form, (2400, 1200), mode), "a", public=True)
        response = serve(file, public=True)
        data = b"".join(response)
        with Image.open(io.BytesIO(data)) as seen:
            assert seen.size == (2000, 1000)
            assert Image.MIME[seen.format] == response["Content-Type"] == shown
        assert response["Content-Disposition"].startswith("inline")
        assert response["X-Content-Type-Options"] == "nosniff"

    def test_a_public_picture_tells_no_place_and_stands_upright(self):
        exif = Image.Exif()
        exif[0x0112] = 6
        exif[0x010F] = "Secret Camera"
        exif.get_ifd(0x8825)[2] = (31.0, 14.0, 0.0)
        data = picture("JPEG", (300, 200), exif=exif, comment=b"private words")
        assert b"Secret Camera" in data
        file = make_file(data, "现场.jpg", public=True)
        copy = path_of(file.public_sha256).read_bytes()
        with Image.open(io.BytesIO(copy)) as seen:
            assert seen.size == (200, 300)
            assert not seen.getexif()
            assert "comment" not in seen.info
        assert b"Secret" not in copy
        assert b"private" not in copy
        assert path_of(file.sha256).read_bytes() == data

    def test_faults_are_found(self):
        good, altered, missing = make_file(b"1"), make_file(b"2"), make_file(picture(), "a.png", public=True)
        path_of(altered.sha256).write_bytes(b"3")
        path_of(missing.public_sha256).unlink()
        assert list(faults()) == [(altered, "altered"), (missing, "missing")]
        assert good not in dict(faults())
        told = verify_all()["files"]
        assert [text.split(": ")[1] for text in told] == ["altered", "missing"]
        assert f"file {altered.pk} of {altered.owner} {altered.owner_id}" in told[0]

    def test_only_bytes_that_nobody_names_are_swept(self, root):
        file = make_file(picture(), "a.png", public=True)
        orphan = receive([b"orphan"], "a").sha256
        assert sweep_files(by=SYSTEM) == 0, "younger than a day: perhaps an upload under way"
        assert TrailEntry.objects.filter(action="sweep").count() == 0
        for path in root.glob("**/*"):
            os.utime(path, (0, 0))
        assert sweep_files(by=SYSTEM) == 1
        assert kept(root) == sorted([file.sha256, file.public_sha256])
        assert json.loads(TrailEntry.objects.get(action="sweep").body)["swept"] == [orphan]
        assert Client().get("/api/v1/feed").status_code == 200
        assert verify_all()["trail"] == verify_all()["files"] == []

    def test_equal_bytes_that_come_while_they_are_swept_stay(self):
        path = path_of(receive([b"again"], "a").sha256)
        assert not files._delete(path, before=path.stat().st_mtime - 1), "written after the sweep had chosen it"
        assert path.read_bytes() == b"again"
        assert files._delete(path, before=path.stat().st_mtime + 1)
        assert not path.exists()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("报告.docx", "报告.docx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\张三\\桌面\\表.xls", "表.xls"),
        ("a/..", "file"),
        ("..", "file"),
        ("", "file"),
        (" . ", "file"),
        ("a\0b\r\nc.txt", "abc.txt"),
        ("发票\u202efdp.exe", "发票fdp.exe"),
        ("\u200b\ufeff隐.txt", "隐.txt"),
        ('a<b>:"|?*.txt', "a_b______.txt"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1.log", "_com1.log"),
        ("console.log", "console.log"),
        (".htaccess", "htaccess"),
        ("名字" * 200 + ".xlsx", "名字" * 32 + "名" + ".xlsx"),
        ("a." + "x" * 500, "a." + "x" * 16),
        ("文件.txt".encode("gbk"), "文件.txt"),
        ("文件.txt".encode(), "文件.txt"),
        ("文件.txt".encode("gbk").decode("latin-1"), "文件.txt"),
        ("café naïve.txt", "café naïve.txt"),
        ("e\u0301.txt", "é.txt"),
        ("\udcff.txt", "txt"),
    ],
)
def test_names_are_made_safe(name, expected):
    assert clean_name(name) == expected


@given(st.one_of(st.text(max_size=300), st.binary(max_size=300)))
def test_a_clean_name_is_safe_and_stays_so(name):
    cleaned = clean_name(name)
    assert cleaned
    assert not set(cleaned) & set('/\\\0\r\n<>:"|?*\u202e\u200f')
    assert cleaned.strip(". ") == cleaned
    assert len(cleaned) <= 200
    assert len(cleaned.encode()) <= 201
    if not any("\x80" <= char <= "\xff" for char in cleaned):
        assert clean_name(cleaned) == cleaned
