"""Checks of the settings and the secret key."""

import os
import stat
from collections.abc import Iterator

from pydantic import ValidationError

from service.doctor.finding import Finding, ok, problem, warning
from service.settings import (
    MIN_SECRET,
    OLD_NAMES,
    PREFIX,
    SecretUnusable,
    Settings,
    faults_of,
    variables_of,
)

_OTHERS = (
    "RUTHAN_CRAWL_",
    "RUTHAN_SHOP_TOKENS",
    *(f"RUTHAN_{of}_" for of in ("LAZADA", "LINE_SHOPPING", "META", "SHOPEE", "TIKTOK", "X", "YOUTUBE")),
    "RUTHAN_PICTURE_ENGINE",
    "RUTHAN_REAL_TEXTS",
    "RUTHAN_TEST_",
    "RUTHAN_CONTRACT_",
    "RUTHAN_CHROMIUM",
    "RUTHAN_SCREENSHOTS",
)
"""Prefixes of variables that other packages and the tests read."""


def unusable(error: ValidationError) -> Iterator[Finding]:
    """Report each invalid setting."""
    for name, message in faults_of(error):
        yield problem(
            "settings",
            f"ค่าของ {name} ใช้ไม่ได้: {message}" if name else f"การตั้งค่าใช้ไม่ได้: {message}",
            f"{name} cannot be used: {message}" if name else f"the settings cannot be used: {message}",
            "แก้ค่าตาม docs/settings.md",
            "set it as docs/settings.md says",
        )


def variables() -> Iterator[Finding]:
    """Report environment variables that look like settings but are not."""
    known = variables_of().keys() | {PREFIX + old for old in OLD_NAMES}
    unknown = sorted(
        name
        for name in os.environ
        if name.startswith(PREFIX) and name not in known and not name.startswith(_OTHERS)
    )
    if unknown:
        names = ", ".join(unknown)
        yield warning(
            "settings",
            f"ไม่มีการตั้งค่าชื่อ {names} ระบบไม่ได้อ่านค่านี้",
            f"there is no setting {names}: it is ignored",
            "ตรวจตัวสะกดกับ docs/settings.md",
            "compare the spelling with docs/settings.md",
        )
    else:
        yield ok("settings", "อ่านการตั้งค่าได้ครบ", "every setting can be read")


def address(settings: Settings) -> Iterator[Finding]:
    """Check that behind HTTPS, links for others do not depend on the requests of browsers."""
    if settings.login.secure_cookies and not settings.server.public_url:
        yield warning(
            "address",
            f"ยังไม่ได้ตั้ง {PREFIX}SERVER_PUBLIC_URL ลิงก์ที่ระบบออกให้จึงใช้ชื่อโฮสต์ตามคำขอที่เข้ามา",
            f"{PREFIX}SERVER_PUBLIC_URL is not set: links for others name the host that a request names",
            f"ตั้ง {PREFIX}SERVER_PUBLIC_URL เป็นที่อยู่ของระบบ เช่น https://ruthan.agency.example",
            f"set {PREFIX}SERVER_PUBLIC_URL to the service's address, such as https://ruthan.agency.example",
        )


def secret(settings: Settings) -> Iterator[Finding]:
    """Check that the secret key is usable and nobody else can read it."""
    path = settings.secret.file
    if settings.secret.key is None and not path.exists():
        yield ok(
            "secret",
            f"จะสร้างกุญแจลับใน {path} เมื่อเริ่มใช้",
            f"a secret key will be created in {path} at first use",
        )
        return
    try:
        settings.secret.value()
        mode = 0 if settings.secret.key is not None else path.stat().st_mode
    except (SecretUnusable, OSError) as error:
        yield problem(
            "secret",
            f"กุญแจลับใช้ไม่ได้: {error}",
            f"the secret key cannot be used: {error}",
            f"ตั้ง {PREFIX}SECRET_KEY อย่างน้อย {MIN_SECRET} ตัวอักษร หรือแก้สิทธิ์ของไฟล์ {path}",
            f"set {PREFIX}SECRET_KEY to at least {MIN_SECRET} characters, or fix the permissions of {path}",
        )
        return
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield warning(
            "secret",
            f"ผู้อื่นอ่านกุญแจลับใน {path} ได้",
            f"others can read the secret key in {path}",
            f"สั่ง chmod 600 {path}",
            f"run: chmod 600 {path}",
        )
    else:
        yield ok("secret", "กุญแจลับใช้ได้", "the secret key can be used")
