"""Archives that prove what is in them: the same bytes every time, each file with its hash, signed.

A ZIP with the files, `manifest.json` (what it is about, name, size and SHA-256 of each file) and
`manifest.jws`, the detached signature over the manifest. Nothing is compressed, so that the bytes
follow from the files alone, whoever packs them, and not one can be changed unseen.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from joserfc.jwk import KeySet

from services.payments.signing import Signer, is_signed
from shared.errors import Invalid

MANIFEST = "manifest.json"
SIGNATURE = "manifest.jws"
MEDIA_TYPE = "application/zip"
_ALWAYS = (1980, 1, 1, 0, 0, 0)
_UNIX = 3


class ArchiveFaulty(Invalid):
    """The archive is not what it was when it was signed."""

    code = "archive-faulty"


def manifest_of(files: Mapping[str, bytes], about: Mapping[str, Any]) -> bytes:
    """What the manifest of these files says."""
    listed = [
        {"name": name, "bytes": len(files[name]), "sha256": digest_of(files[name])}
        for name in sorted(files)
    ]
    return as_json({"about": dict(about), "files": listed})


def digest_of(content: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def packed(files: Mapping[str, bytes], about: Mapping[str, Any], signer: Signer) -> bytes:
    """The archive of these files; the same files give the same bytes under the same key."""
    manifest = manifest_of(files, about)
    return _zipped({**files, MANIFEST: manifest, SIGNATURE: signer.sign(manifest).encode()})


def _zipped(entries: Mapping[str, bytes]) -> bytes:
    """The archive of these entries: sorted, of one time, uncompressed."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(entries):
            entry = zipfile.ZipInfo(name, _ALWAYS)
            entry.create_system = _UNIX
            archive.writestr(entry, entries[name])
    return written.getvalue()


def checked(archive: bytes, keys: KeySet) -> dict[str, Any]:
    """The manifest of an archive that is whole and signed by one of the keys.

    Raises ArchiveFaulty, which names what is wrong.
    """
    entries = _entries(archive)
    around = _zipped(entries) != archive
    manifest, signature = entries.pop(MANIFEST, b""), entries.pop(SIGNATURE, b"")
    if not is_signed(manifest, signature.decode("ascii", "replace"), keys):
        raise ArchiveFaulty("the manifest is not signed by one of these keys")
    told: dict[str, Any] = json.loads(manifest)
    wrong = sorted(_differing(told["files"], entries))
    if wrong:
        raise ArchiveFaulty("files are missing, added or changed", files=wrong)
    if around:
        raise ArchiveFaulty("the files are right, but bytes around them were changed")
    return told


def _entries(archive: bytes) -> dict[str, bytes]:
    """The files of an archive as they are; ours are not compressed, so nothing can blow up."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in opened.infolist()):
                raise ArchiveFaulty("an archive of ours is not compressed")
            return {name: opened.read(name) for name in opened.namelist()}
    except (zipfile.BadZipFile, EOFError, RuntimeError, ValueError, OSError) as error:
        raise ArchiveFaulty("this ZIP archive cannot be read: it is cut or changed") from error


def _differing(listed: Iterable[Mapping[str, Any]], entries: Mapping[str, bytes]) -> set[str]:
    """Names of files that are not as the manifest has them."""
    said = {str(one["name"]): str(one["sha256"]) for one in listed}
    found = {name: digest_of(content) for name, content in entries.items()}
    return {name for name in said.keys() | found.keys() if said.get(name) != found.get(name)}


def as_json(value: Any) -> bytes:
    """A value as JSON that is the same every time: sorted, with Latvian letters kept."""
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str)
    return text.encode() + b"\n"
