"""Files that people attach to records: kept by content, typed by content, never served so that a browser runs them.

Bytes lie in VAR/files/ab/<SHA-256>, written whole or not at all, once per content. What somebody says of a file
(its name, its type) is not believed. Pictures must decode; the public sees a re-encoded copy of them, without
EXIF and place. Everything else is a download in a sandbox.
"""

import hashlib
import os
import re
import tempfile
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.http import FileResponse
from django.utils import timezone
from PIL import Image, ImageOps

from yulan.kernel.access import Actor
from yulan.kernel.records import Record
from yulan.kernel.text import Text, _
from yulan.kernel.trail import change_set

LARGEST = 20 * 1024 * 1024  # bytes
MOST_PIXELS = 40_000_000
_MOST_SCANS = 100  # of a progressive JPEG: each is decoded over the whole picture
PUBLIC_SIDE = 2000  # pixels of a public copy's longer side
_HEAD = 65_536
_MOST_UNPACKED = 1024 * 1024 * 1024
_LARGEST_DIRECTORY = 2 * 1024 * 1024  # of a zip: about 30,000 entries

PICTURES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
ACTIVE = frozenset(("text/html", "image/svg+xml", "text/xml"))  # a browser would run or fetch: bytes only
_MAGIC = (
    (0, b"%PDF-", "application/pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftyphei", "image/heic"),
    (4, b"ftyp", "video/mp4"),
    (0, b"ID3", "audio/mpeg"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/x-msvideo"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"\x1f\x8b", "application/gzip"),
)
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"#!",
             b"L\0\0\0\x01\x14\x02\0")  # fmt: skip
_PROGRAM_NAMES = re.compile(
    r"\.(exe|dll|com|scr|pif|cpl|msi|msp|bat|cmd|ps1|vbs?e?|jse?|wsf?|wsh|hta|lnk|url|reg|jar|apk|sh|app|chm|desktop)$"
)
_OLE_NAMES = {
    ".doc": "application/msword",
    ".wps": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".et": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
    ".dps": "application/vnd.ms-powerpoint",
}
_OFFICE = "application/vnd.openxmlformats-officedocument"
_INSIDE = (
    ("word/", f"{_OFFICE}.wordprocessingml.document"),
    ("xl/", f"{_OFFICE}.spreadsheetml.sheet"),
    ("ppt/", f"{_OFFICE}.presentationml.presentation"),
    ("OFD.xml", "application/ofd"),
)
_MARKUP = re.compile(r"<(?:!doctype\s+html|html|head|body|script|iframe|svg|\?xml|img|a\s|meta|link)", re.IGNORECASE)


class Attachment(Record):
    """A file of a record. `public_sha256` names the copy that the public sees; empty while there is none."""

    owner = models.CharField(_("Record type"), max_length=80)
    owner_id = models.BigIntegerField(_("Record"))
    name = models.CharField(_("File name"), max_length=200)
    size = models.BigIntegerField(_("Size"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    content_type = models.CharField(_("Type"), max_length=100)
    uploaded_by = models.CharField(_("Uploaded by"), max_length=150)
    at = models.DateTimeField(_("Uploaded at"), default=timezone.now)
    public = models.BooleanField(_("Public"), default=False)
    public_sha256 = models.CharField(_("SHA-256 of the public copy"), max_length=64, blank=True)

    class Meta:
        app_label = "kernel"
        ordering = ("id",)
        verbose_name = _("File")
        verbose_name_plural = _("Files")
        indexes = [
            models.Index(fields=["owner", "owner_id"], name="attachment_owner"),
            models.Index(fields=["sha256"], name="attachment_sha256"),
        ]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was received: its cleaned name and what its bytes are."""

    name: str
    size: int
    sha256: str
    content_type: str


def attach(owner: models.Model, upload: "UploadedFile[Any]", *, by: Actor, public: bool = False) -> Attachment:
    """Keep an uploaded file as a record's; with `public`, make the public copy too. Raises ValidationError."""
    kept = receive(upload.chunks(), upload.name or "")
    with change_set(by=by) as cs:
        return cs.create(
            Attachment(
                owner=owner._meta.label_lower,
                owner_id=owner.pk,
                name=kept.name,
                size=kept.size,
                sha256=kept.sha256,
                content_type=kept.content_type,
                uploaded_by=by.name,
                public=public,
                public_sha256=_public_copy(kept.sha256, kept.content_type) if public else "",
            ),
            action="attach",
        )


def publish_file(file: Attachment, *, by: Actor) -> Attachment:
    """Let the public see a file; a picture as a re-encoded copy."""
    with change_set(by=by) as cs:
        copy = _public_copy(file.sha256, file.content_type)
        return cs.update(file, public=True, public_sha256=copy, action="publish")


def withdraw_file(file: Attachment, *, by: Actor, reason: str) -> Attachment:
    """Take a file from the public."""
    with change_set(by=by, reason=reason) as cs:
        return cs.update(file, public=False, public_sha256="", action="withdraw")


def receive(chunks: Iterable[bytes], name: str, *, largest: int = LARGEST) -> Kept:
    """Take in bytes, look what they are, and keep them. ValidationError says why a file is refused."""
    cleaned = clean_name(name)
    with _draft() as draft:
        size, digest = 0, hashlib.sha256()
        for chunk in chunks:
            size += len(chunk)
            if size > largest:
                _refuse("too_large", _("The file is larger than %(limit)s MB."), limit=largest // 1024**2)
            digest.update(chunk)
            draft.write(chunk)
        if not size:
            _refuse("empty", _("The file is empty."))
        draft.flush()
        content_type = examine(draft, cleaned)
        os.fsync(draft.fileno())
        _keep(draft.name, digest.hexdigest())
    return Kept(cleaned, size, digest.hexdigest(), content_type)


@contextmanager
def _draft() -> Iterator[BinaryIO]:
    """Open a file beside the kept ones, gone at the end unless it was kept."""
    root = Path(settings.FILES_ROOT)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, path = tempfile.mkstemp(prefix="draft-", dir=root)
    os.close(number)
    try:
        with open(path, "w+b") as file:
            yield file
    finally:
        Path(path).unlink(missing_ok=True)


def path_of(sha256: str) -> Path:
    """Say where the bytes with a hash lie."""
    return Path(settings.FILES_ROOT) / sha256[:2] / sha256


def _keep(draft: str | Path, sha256: str) -> None:
    """Move a written file to its place, durably; equal bytes are kept once."""
    target = path_of(sha256)
    target.parent.mkdir(mode=0o700, exist_ok=True)
    os.replace(draft, target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _refuse(code: str, message: Text, **params: object) -> NoReturn:
    raise ValidationError(message, code=code, params=params)


def examine(file: BinaryIO, name: str) -> str:
    """Say what a file is, by its bytes; refuse programs, broken or oversized pictures, and zip bombs."""
    file.seek(0)
    head = file.read(_HEAD)
    if head.startswith(_PROGRAMS) or _PROGRAM_NAMES.search(name.lower()):
        _refuse("program", _("Programs and scripts are not accepted."))
    kind = next((kind for at, magic, kind in _MAGIC if head.startswith(magic, at)), "")
    if kind in PICTURES:
        _check_picture(file, kind)
    elif kind == "application/zip":
        return _zip_kind(file)
    elif kind == "application/x-ole-storage":
        return _OLE_NAMES.get(Path(name).suffix.lower(), kind)
    return kind or _text_kind(head, name)


def _text_kind(head: bytes, name: str) -> str:
    text = _decoded(head)
    if text is None:
        return "application/octet-stream"
    if found := _MARKUP.search(text):
        tag = found[0].lower()
        return "image/svg+xml" if "svg" in tag else "text/xml" if "xml" in tag else "text/html"
    return "text/csv" if name.lower().endswith(".csv") else "text/plain"


def _decoded(head: bytes) -> str | None:
    """Read the beginning of a text in the encodings in use here; None when it is not text."""
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            text = head.decode(encoding)
        except UnicodeDecodeError as error:
            if error.end < len(head) - 4 or len(head) < _HEAD:
                continue  # not merely a character cut at the end of the piece
            text = head[: error.start].decode(encoding)
        if not re.search(r"[\0-\x08\x0e-\x1a\x1c-\x1f]", text):
            return text
    return None


def _check_picture(file: BinaryIO, kind: str) -> None:
    """Refuse a picture of too many pixels before decoding it, and one that does not decode to its end."""
    if kind == "image/jpeg" and _count(file, b"\xff\xda") > _MOST_SCANS:
        _refuse("picture", _("The picture is broken or cut short: save it anew and send it again."))
    with _opened(file, kind) as picture:
        picture.verify()  # checks the sums of a PNG; other formats only show in decoding
    with _opened(file, kind) as picture:
        if kind == "image/jpeg":
            picture.draft("RGB", (256, 256))
        picture.load()


def _count(file: BinaryIO, mark: bytes) -> int:
    file.seek(0)
    return file.read().count(mark)


@contextmanager
def _opened(file: BinaryIO, kind: str) -> Iterator[Image.Image]:
    """Open a picture as the format its bytes claim and no other; any fault is a ValidationError."""
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(file, formats=[PICTURES[kind]]) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise Image.DecompressionBombError
                yield picture
    except Image.DecompressionBombError:
        _refuse("pixels", _("The picture has more than %(limit)s million pixels."), limit=MOST_PIXELS // 10**6)
    except Exception:  # a hostile picture makes the decoders raise almost anything
        _refuse("picture", _("The picture is broken or cut short: save it anew and send it again."))


def _zip_kind(file: BinaryIO) -> str:
    """Tell documents from archives by what is inside, from the directory alone."""
    try:
        if _directory_size(file) > _LARGEST_DIRECTORY:
            raise zipfile.BadZipFile
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, IndexError, UnicodeDecodeError):
        _refuse("zip", _("The document or archive is broken: save it anew and send it again."))
    names = {entry.filename for entry in entries}
    if sum(entry.file_size for entry in entries) > _MOST_UNPACKED:
        _refuse("bomb", _("The document or archive would unpack to more than 1 GB."))
    if not names.isdisjoint(("META-INF/MANIFEST.MF", "AndroidManifest.xml")) and "mimetype" not in names:
        _refuse("program", _("Programs and scripts are not accepted."))
    starts = ((start, kind) for start, kind in _INSIDE if any(name.startswith(start) for name in names))
    return next((kind for _start, kind in starts), "application/zip")


def _directory_size(file: BinaryIO) -> int:
    """Read from the end record how large a zip's directory says it is; reading it costs memory."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 65_557))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        raise zipfile.BadZipFile
    return int.from_bytes(tail[end + 12 : end + 16], "little")


def _public_copy(sha256: str, content_type: str) -> str:
    """Make what the public sees, and give its hash: a picture re-encoded, anything else as it is."""
    if content_type not in PICTURES:
        return sha256
    with path_of(sha256).open("rb") as original, _opened(original, content_type) as picture:
        if content_type == "image/jpeg":
            picture.draft("RGB", (PUBLIC_SIDE, PUBLIC_SIDE))
        mode = "RGBA" if picture.has_transparency_data else "RGB"
        small = picture.convert(mode) if picture.mode == "P" else picture
        small.thumbnail((PUBLIC_SIDE, PUBLIC_SIDE))
        seen = ImageOps.exif_transpose(small).convert(mode)
        bare = Image.new(mode, seen.size)
        bare.paste(seen)
    data = BytesIO()
    bare.save(data, "PNG" if bare.mode == "RGBA" else "JPEG", quality=85)
    digest = hashlib.sha256(data.getvalue()).hexdigest()
    with _draft() as draft:
        draft.write(data.getvalue())
        draft.flush()
        os.fsync(draft.fileno())
        _keep(draft.name, digest)
    return digest


def serve(file: Attachment, *, public: bool = False) -> FileResponse:
    """Send a file as a download in a sandbox; with `public`, its public copy, a picture to be shown in the page.

    Raises FileNotFoundError when the bytes are gone, or there is no public copy.
    """
    digest = file.public_sha256 if public else file.sha256
    if not digest:
        raise FileNotFoundError(f"{file.name} is not public")
    shown = public and file.content_type in PICTURES
    stream = path_of(digest).open("rb")
    response = FileResponse(stream, as_attachment=not shown, filename=file.name, content_type=_sent_type(file, stream))
    response["ETag"] = f'"{digest}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "public, max-age=3600" if public else "private, no-store"
    return response


def _sent_type(file: Attachment, stream: BinaryIO) -> str:
    if file.content_type in ACTIVE:
        return "application/octet-stream"
    if file.content_type not in PICTURES:
        return file.content_type
    head = stream.read(16)  # a public copy may have changed its format
    stream.seek(0)
    return next((kind for at, magic, kind in _MAGIC if head.startswith(magic, at)), "application/octet-stream")


_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_MISREAD = re.compile("[\x80-\xff]+")


def clean_name(name: str | bytes) -> str:
    """Make a name that is safe on any disk and says what it shows: no path, no controls, no reversed text.

    Bytes, and text that was GBK bytes read as Latin-1, become the Chinese they were.
    """
    text = _misread(name) if isinstance(name, str) else _name_text(name)
    text = unicodedata.normalize("NFC", text).replace("\\", "/").rpartition("/")[2]
    text = "".join(char for char in text if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    text = re.sub(r'[<>:"|?*]', "_", text).strip(" .\u3000")
    stem, dot, suffix = text.rpartition(".")
    if not dot:
        stem, suffix = text, ""
    suffix = suffix[:16]
    while len(f"{stem}{dot}{suffix}".encode()) > 200:
        stem = stem[:-1]
    text = f"{stem}{dot}{suffix}"
    if not text:
        return "file"
    return f"_{text}" if _RESERVED.match(text) else text


def _name_text(name: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("latin-1")


def _misread(name: str) -> str:
    """Undo GBK read as Latin-1, if every stretch of high letters is whole GB 2312 characters, some of them Chinese."""
    try:
        read = _MISREAD.sub(lambda part: part[0].encode("latin-1").decode("gb2312"), name)
    except UnicodeDecodeError:
        return name
    return read if re.search("[\u4e00-\u9fff]", read) else name


def faults() -> Iterator[tuple[Attachment, str]]:
    """Read every kept file again: give those that are missing or no longer have the hash they are known by."""
    for file in Attachment.objects.order_by("id").iterator():
        for digest in {file.sha256, file.public_sha256} - {""}:
            try:
                with path_of(digest).open("rb") as stream:
                    if hashlib.file_digest(stream, "sha256").hexdigest() != digest:
                        yield file, "altered"
            except FileNotFoundError:
                yield file, "missing"


def verify_files() -> list[str]:
    """Say which kept files are missing or altered; names of files, which people chose, are not told."""
    return [f"file {file.pk} of {file.owner} {file.owner_id}: {what}" for file, what in faults()]


def sweep_files(*, by: Actor, idle: timedelta = timedelta(days=1)) -> int:
    """Delete bytes that no record names and that nobody has written for `idle`; give how many files went.

    Before a file goes the trail says so, with its hash. An upload under way is younger than `idle`; equal bytes that
    arrive while the file is being deleted are put back.
    """
    used = {digest for pair in Attachment.objects.values_list("sha256", "public_sha256") for digest in pair}
    before = (timezone.now() - idle).timestamp()
    paths = (path for path in Path(settings.FILES_ROOT).glob("**/*") if path.is_file() and path.name not in used)
    idle_ones = sorted(path for path in paths if path.stat().st_mtime < before)
    if idle_ones:
        swept = {"fields": [], "rows": [], "swept": [path.name for path in idle_ones]}
        with change_set(by=by, reason="no record names them") as cs:
            cs.note_at_end(Attachment, (), "sweep", lambda _cursor: swept)
    return sum(_delete(path, before) for path in idle_ones)


def _delete(path: Path, before: float) -> bool:
    """Delete a file, unless it was written anew meanwhile."""
    away = path.with_name(f"draft-{path.name}")
    os.replace(path, away)
    if away.stat().st_mtime < before:
        away.unlink()
        return True
    os.replace(away, path)
    return False
