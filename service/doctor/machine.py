"""Checks of the evidence folder, its disk, and the port."""

import json
import shutil
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from service.doctor.finding import Finding, ok, problem, warning
from service.running.serving import AddressInUse, listen
from service.settings import PREFIX, Settings

LEAST_FREE = 2**30
LITTLE_FREE = 5 * 2**30
_SECONDS = 5.0


def evidence(settings: Settings) -> Iterator[Finding]:
    """Check that evidence can be written, and how much space is free."""
    folder = settings.evidence.folder
    existing = _nearest(folder)
    try:
        with tempfile.TemporaryFile(dir=existing):
            free = shutil.disk_usage(existing).free
    except OSError as error:
        yield problem(
            "evidence",
            f"เขียนโฟลเดอร์หลักฐาน {folder} ไม่ได้: {error.strerror}",
            f"the evidence folder {folder} cannot be written: {error.strerror}",
            f"แก้สิทธิ์ของ {existing} หรือตั้ง {PREFIX}EVIDENCE_FOLDER เป็นโฟลเดอร์อื่น",
            f"fix the permissions of {existing}, or set {PREFIX}EVIDENCE_FOLDER to another folder",
        )
        return
    room = f"{free / 2**30:,.1f} GiB"
    if free < LITTLE_FREE:
        kind = problem if free < LEAST_FREE else warning
        yield kind(
            "evidence",
            f"ดิสก์ของโฟลเดอร์หลักฐาน {folder} เหลือเพียง {room}",
            f"only {room} are left on the disk of the evidence folder {folder}",
            "เพิ่มเนื้อที่ หรือย้ายหลักฐานที่สำรองแล้วออกไป",
            "free space, or move away evidence that is backed up",
        )
    else:
        yield ok(
            "evidence",
            f"เขียนโฟลเดอร์หลักฐาน {folder} ได้ เหลือเนื้อที่ {room}",
            f"the evidence folder {folder} can be written, {room} are free",
        )


def port(settings: Settings) -> Iterator[Finding]:
    """Check that the port is free, or that Ruthan answers there."""
    where = f"{settings.server.host}:{settings.server.port}"
    try:
        bound, _ = listen(settings.server.host, settings.server.port)
    except AddressInUse as error:
        if _answers(settings.server.host, settings.server.port):
            yield ok("port", f"รู้ทันทำงานอยู่ที่ {where}", f"Ruthan answers at {where}")
            return
        yield problem(
            "port",
            f"เปิดพอร์ต {where} ไม่ได้",
            f"nobody can listen at {where}: {error.__cause__}",
            f"ปิดโปรแกรมที่ใช้พอร์ตนี้ หรือตั้ง {PREFIX}SERVER_PORT และ {PREFIX}SERVER_HOST เป็นค่าอื่น",
            f"stop what uses it, or set {PREFIX}SERVER_PORT and {PREFIX}SERVER_HOST to others",
        )
        return
    bound.close()
    yield ok("port", f"พอร์ต {where} ว่าง", f"the port {where} is free")


def _nearest(folder: Path) -> Path:
    """Return the folder itself, else its nearest existing parent."""
    return next((path for path in (folder, *folder.absolute().parents) if path.exists()), Path())


def _answers(host: str, number: int) -> bool:
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (connected to, not bound)
    address = f"http://[{name}]:{number}" if ":" in name else f"http://{name}:{number}"
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=_SECONDS) as reply:  # noqa: S310 (http only)
            found = json.loads(reply.read(1000))
    except (OSError, ValueError):
        return False
    return bool(found == {"status": "ok"})
