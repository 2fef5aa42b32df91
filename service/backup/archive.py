"""The archive: a compressed tar whose last file lists all others with their SHA-256."""

import gzip
import io
import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from pydantic import ValidationError

from labels.files.private import make_folder, open_bytes
from labels.files.sync import sync_folder
from service.backup.errors import ArchiveDamaged, BackupError, WouldOverwrite
from service.backup.manifest import BUNDLES, EVIDENCE, NAME, PICTURES, POSTGRES, SQLITE, Entry, Manifest

GZIP, ZSTD = ".tar.gz", ".tar.zst"
_FOLDERS = (EVIDENCE, PICTURES, BUNDLES)

_GZIP_MAGIC, _ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_BLOCK = 1 << 20
_LARGEST_MANIFEST = 1 << 30


class ArchiveWriter:
    """Adds files to an open archive and hashes them."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.files: dict[str, Entry] = {}

    def add(self, name: str, path: Path) -> None:
        """Add a file as it is now; data appended meanwhile is left for the next backup.

        Raises :class:`BackupError` if it is gone or shrinks.
        """
        try:
            file = path.open("rb")
        except OSError as error:
            raise BackupError(f"{path} cannot be read: {error.strerror}") from error
        with file:
            found = os.fstat(file.fileno())
            reader = _Hashing(file, found.st_size)
            try:
                self._tar.addfile(_info(name, found.st_size, int(found.st_mtime)), cast(IO[bytes], reader))
            except OSError as error:
                if error.errno is not None:
                    raise  # the archive cannot be written
                raise BackupError(f"{path} became shorter while it was read: try again") from error
        self.files[name] = Entry(sha256=reader.digest.hexdigest(), size=found.st_size)

    def finish(self, manifest: Manifest) -> None:
        """Add the manifest, as the last file."""
        content = manifest.model_dump_json(indent=1).encode()
        self._tar.addfile(_info(NAME, len(content), int(manifest.created.timestamp())), io.BytesIO(content))


@contextmanager
def new_archive(path: Path) -> Iterator[ArchiveWriter]:
    """Write an archive that gets its name when it is complete, readable by its owner only.

    Raises :class:`WouldOverwrite`, and :class:`BackupError` for a name that ends otherwise.
    """
    packed = _packer(path)
    _absent(path)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open_bytes(draft, "xb") as raw:
            with (
                packed(raw) as stream,
                tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar,
            ):
                yield ArchiveWriter(tar)
            raw.flush()
            os.fsync(raw.fileno())
        _absent(path)
        draft.rename(path)  # no hard link: backup disks often do not support them
        sync_folder(path.parent)
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def _absent(path: Path) -> None:
    if path.exists():
        raise WouldOverwrite(f"{path} already exists: choose another name, or move it away")


def unpack(path: Path, folder: Path) -> Manifest:
    """Unpack an archive below ``folder`` and compare every file with the manifest.

    Raises :class:`ArchiveDamaged` if anything differs from what was written, and :class:`BackupError` if the
    archive cannot be opened or the files cannot be written.
    """
    found: dict[str, Entry] = {}
    manifest: Manifest | None = None
    try:
        with _opened(path) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
            for member in tar:
                if manifest is not None or member.name in found:
                    raise ArchiveDamaged(f"{path} contains {member.name!r} after its manifest")
                source = tar.extractfile(member) if member.isreg() else None
                if source is None or not _expected(member.name):
                    raise ArchiveDamaged(f"{path} contains {member.name!r}, which no Ruthan backup does")
                if member.name == NAME:
                    manifest = Manifest.model_validate_json(source.read(_LARGEST_MANIFEST))
                else:
                    found[member.name] = _extract(source, folder / member.name)
            while stream.read(_BLOCK):
                pass  # read on to the compressor's own checksum at the end
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValidationError, ValueError) as error:
        raise ArchiveDamaged(f"{path} is damaged or not a Ruthan backup: {_brief(error)}") from error
    except OSError as error:
        raise BackupError(f"{path} cannot be unpacked: {error}") from error
    if manifest is None:
        raise ArchiveDamaged(f"{path} ends before its manifest: it is truncated or not a Ruthan backup")
    for name in sorted(found.keys() | manifest.files.keys()):
        if found.get(name) != manifest.files.get(name):
            raise ArchiveDamaged(f"{path}: {name} differs from what was backed up")
    return manifest


def _extract(source: IO[bytes], target: Path) -> Entry:
    make_folder(target.parent)
    digest, size = sha256(), 0
    with open_bytes(target, "xb") as file:
        while block := source.read(_BLOCK):
            digest.update(block)
            size += len(block)
            file.write(block)
    return Entry(sha256=digest.hexdigest(), size=size)


def _expected(name: str) -> bool:
    """Whether an archive may contain a file of this name: no path that leaves its folder."""
    path = PurePosixPath(name)
    if path.as_posix() != name or path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        return False
    return name in (NAME, SQLITE, POSTGRES) or (path.parts[0] in _FOLDERS and len(path.parts) > 1)


class _Hashing:
    """The first ``size`` bytes of a file, hashed as they are read."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        self._left = size
        self.digest = sha256()

    def read(self, count: int = -1) -> bytes:
        block = self._file.read(self._left if count < 0 else min(count, self._left))
        self._left -= len(block)
        self.digest.update(block)
        return block


def _info(name: str, size: int, modified: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size, modified, 0o600
    return info


def _packer(path: Path) -> Any:
    if path.name.endswith(GZIP):
        return lambda raw: gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=6, filename="")
    if path.name.endswith(ZSTD):
        compressor = _zstandard().ZstdCompressor(level=3, write_checksum=True)
        return lambda raw: compressor.stream_writer(raw, closefd=False)
    raise BackupError(f"{path.name}: the archive's name must end in {GZIP} or {ZSTD}")


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    with path.open("rb") as raw:
        magic = raw.read(4)
        raw.seek(0)
        if magic.startswith(_GZIP_MAGIC):
            with gzip.GzipFile(fileobj=raw, mode="rb") as stream:
                yield stream
        elif magic == _ZSTD_MAGIC:
            zstandard = _zstandard()
            try:
                with zstandard.ZstdDecompressor().stream_reader(raw, closefd=False) as stream:
                    yield stream
            except zstandard.ZstdError as error:
                raise ArchiveDamaged(f"{path} is damaged: {error}") from error
        else:
            raise ArchiveDamaged(f"{path} is neither {GZIP} nor {ZSTD}")


def _zstandard() -> Any:
    try:
        import zstandard  # noqa: PLC0415 (only needed for .tar.zst)
    except ImportError as error:
        raise BackupError(f"{ZSTD} needs: pip install 'ruthan[zstd]'; or use {GZIP}") from error
    return zstandard


def _brief(error: Exception) -> str:
    return str(error).split("\n")[0] or type(error).__name__
