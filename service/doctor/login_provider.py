"""Checks of the OpenID Connect provider, if one is set."""

from collections.abc import Iterator
from importlib.util import find_spec

from service.doctor.finding import Finding, ok, problem, warning
from service.oidc.errors import ProviderUnavailable
from service.oidc.options import OidcOptions
from service.settings import PREFIX, Settings

_CHECK = "login provider"


def provider(settings: Settings) -> Iterator[Finding]:
    """Check that the provider answers, has the right issuer, and supports what a login needs."""
    options = settings.oidc.options(settings.server.public_url)
    if options is None:
        yield ok(_CHECK, "ไม่ได้ตั้งค่าผู้ให้บริการยืนยันตัวตน (OpenID Connect)", "no login provider is set")
    elif find_spec("authlib") is None or find_spec("httpx2") is None:
        yield problem(
            _CHECK,
            "ตั้งค่าผู้ให้บริการยืนยันตัวตนไว้ แต่ไม่ได้ติดตั้งแพ็กเกจที่ต้องใช้",
            "a login provider is set, but its packages are not installed",
            "ติดตั้งด้วย pip install 'ruthan[oidc]'",
            "install them with: pip install 'ruthan[oidc]'",
        )
    else:
        yield from _asked(options, settings)


def _asked(options: OidcOptions, settings: Settings) -> Iterator[Finding]:
    from service.oidc.metadata import fetch_keys, fetch_metadata  # noqa: PLC0415 (needs the extra)

    try:
        metadata = fetch_metadata(options.issuer, options.timeout_seconds)
        keys = fetch_keys(metadata, options.timeout_seconds)
    except ProviderUnavailable as error:
        # With passwords for everybody the service works without it.
        kind = warning if settings.login.passwords == "all" else problem
        yield kind(
            _CHECK,
            f"ใช้ผู้ให้บริการยืนยันตัวตนไม่ได้: {error}",
            f"the login provider cannot be used: {error}",
            f"ตรวจ {PREFIX}OIDC_ISSUER และเครือข่ายจากเครื่องนี้ไปยังผู้ให้บริการ",
            f"check {PREFIX}OIDC_ISSUER, and the network from this machine to the provider",
        )
        return
    common = options.algorithms & metadata.signatures
    if metadata.signatures and not common:
        offered = ", ".join(sorted(metadata.signatures))
        yield problem(
            _CHECK,
            f"ผู้ให้บริการลงลายมือชื่อด้วย {offered} ซึ่งไม่อยู่ในรายการที่ยอมรับ",
            f"the provider signs with {offered}, and none of these is allowed",
            f"เพิ่มวิธีลงลายมือชื่อใน {PREFIX}OIDC_ALGORITHMS หรือเปลี่ยนที่ผู้ให้บริการ",
            f"add one to {PREFIX}OIDC_ALGORITHMS, or change it at the provider",
        )
        return
    if metadata.challenges and "S256" not in metadata.challenges:
        yield warning(
            _CHECK,
            "ผู้ให้บริการไม่ได้แจ้งว่ารองรับ PKCE แบบ S256 รหัสที่ถูกดักจับจะป้องกันได้ด้วย nonce และรหัสลับของระบบเท่านั้น",
            "the provider does not announce PKCE with S256: only nonce and client secret protect a stolen"
            " code",
            "เปิด PKCE (S256) ที่ผู้ให้บริการ",
            "turn PKCE (S256) on at the provider",
        )
        return
    count = len(keys.keys)
    yield ok(
        _CHECK,
        f"ผู้ให้บริการยืนยันตัวตน {options.issuer} ตอบ มีกุญแจที่ใช้ได้ {count} ดอก",
        f"the login provider {options.issuer} answers, with {count} usable keys",
    )
