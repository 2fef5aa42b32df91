"""A real OpenID Connect provider on loopback that conforms unless a test makes it misbehave."""

import base64
import html
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.testclient import TestClient

from service.console import mount
from service.oidc.options import OidcOptions
from service.oidc.provider import Provider
from service.settings import Settings
from service.store import Store, open_store

CLIENT, SECRET, PASSWORD = "ruthan", "a client secret of the provider", "ความลับ-ยาว-พอ"
Claims = dict[str, Any]


@dataclass
class Grant:
    """The login that a code represents."""

    query: dict[str, str]
    used: bool = False


@dataclass
class TestProvider:
    """Its state, and what it is told to do wrong.

    ``twist`` changes the claims, ``sign`` makes the token in its own way, ``answers`` replaces what a path
    answers by a status, by bytes, or by ``"hang"`` and ``"trickle"``.
    """

    __test__ = False

    issuer: str
    key: RSAKey
    person: Claims = field(default_factory=lambda: {"sub": "4f1c-somying"})
    document: Claims = field(default_factory=dict)
    published: list[Claims] = field(default_factory=list)
    twist: Callable[[Claims], None] = lambda claims: None
    sign: Callable[[Claims], str] | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    names_issuer: str | None = None
    token_extra: Claims = field(default_factory=dict)
    interactive: bool = False
    forgetful: bool = False
    """Redeems a code as often as it comes."""
    grants: dict[str, Grant] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    logouts: list[dict[str, str]] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    def rotate(self, key: RSAKey | ECKey) -> None:
        """Sign with another key from now on, and publish only that."""
        self.key, self.published = key, [key.as_dict(private=False)]  # type: ignore[assignment]

    def signed(self, claims: Claims, **header: Any) -> str:
        alg = "ES256" if isinstance(self.key, ECKey) else "RS256"
        full = {"alg": alg, "kid": self.key.kid} | header
        return jwt.encode({k: v for k, v in full.items() if v is not None}, claims, self.key, [full["alg"]])

    def metadata(self) -> Claims:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/logout",
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "code_challenge_methods_supported": ["S256"],
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
        } | self.document

    def approve(self, query: dict[str, str]) -> str:
        """Where the browser goes with its code."""
        code = secrets.token_urlsafe(12)
        self.grants[code] = Grant(query)
        back = {"code": code, "state": query["state"]}
        if self.names_issuer is not None:
            back["iss"] = self.names_issuer
        return f"{query['redirect_uri']}?{urlencode(back)}"

    def redeem(self, form: dict[str, str], authorization: str) -> tuple[int, Claims]:
        name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        if (name, secret) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        grant = self.grants.get(form.get("code", ""))
        if grant is None or (grant.used and not self.forgetful):
            return 400, {"error": "invalid_grant"}
        grant.used = True
        digest = sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        asked = grant.query
        if asked.get("code_challenge_method") != "S256" or asked.get("code_challenge") != challenge:
            return 400, {"error": "invalid_grant", "error_description": "PKCE"}
        if form.get("redirect_uri") != asked["redirect_uri"] or form["grant_type"] != "authorization_code":
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.person,
        }
        self.twist(claims)
        token = self.sign(claims) if self.sign is not None else self.signed(claims)
        return 200, {"access_token": "opaque", "token_type": "Bearer", "id_token": token, **self.token_extra}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    provider: TestProvider

    def do_GET(self) -> None:
        provider, parts = self.provider, urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        provider.asked.append(parts.path)
        if self._told(parts.path):
            return
        if parts.path == "/.well-known/openid-configuration":
            self._json(200, provider.metadata())
        elif parts.path == "/keys":
            self._json(200, {"keys": provider.published})
        elif parts.path == "/authorize" and provider.interactive:
            fields = "".join(
                f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
                for name, value in query.items()
            )
            page = (
                f"<title>provider</title><form method=get action=/approve>{fields}<button>Yes</button></form>"
            )
            self._send(200, page.encode(), {"Content-Type": "text/html"})
        elif parts.path in ("/authorize", "/approve"):
            assert query["client_id"] == CLIENT
            assert query["response_type"] == "code"
            self._send(302, b"", {"Location": provider.approve(query)})
        elif parts.path == "/logout":
            provider.logouts.append(query)
            self._send(302, b"", {"Location": query["post_logout_redirect_uri"]})
        else:
            self._send(404, b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self.provider.asked.append(self.path)
        if not self._told(self.path):
            self._json(*self.provider.redeem(form, self.headers.get("Authorization", "")))

    def _told(self, path: str) -> bool:
        told = self.provider.answers.get(path)
        if told is None:
            return False
        self.close_connection = True
        if told == "hang":
            self.provider.release.wait(30)
        elif told == "trickle":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            try:
                while not self.provider.release.wait(0.02):
                    self.wfile.write(b" ")
                    self.wfile.flush()
            except OSError:
                pass
        elif isinstance(told, bytes):
            self._send(200, told)
        else:
            self._send(int(told), b"", {"Location": "http://127.0.0.1:9/"} if 300 <= told < 400 else {})
        return True

    def _json(self, status: int, content: Claims) -> None:
        self._send(status, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        try:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@pytest.fixture(scope="session")
def keys() -> list[RSAKey]:
    """Two keys of the provider, generated once because that is slow."""
    return [RSAKey.generate_key(2048, {"kid": f"key-{n}", "use": "sig"}) for n in (1, 2)]


@pytest.fixture
def op(keys: list[RSAKey]) -> Iterator[TestProvider]:
    """The provider, running."""
    handler = type("Handler", (_Handler,), {})
    server = _Server(("127.0.0.1", 0), handler)
    provider = TestProvider(f"http://127.0.0.1:{server.server_address[1]}", keys[0])
    provider.rotate(keys[0])
    handler.provider = provider  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield provider
    provider.release.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def options(op: TestProvider) -> OidcOptions:
    return OidcOptions(issuer=op.issuer, client_id=CLIENT, client_secret=SECRET, timeout_seconds=5.0)


@pytest.fixture
def dead() -> OidcOptions:
    """A provider address on which nothing listens."""
    return OidcOptions(issuer="http://127.0.0.1:9", client_id=CLIENT, client_secret=SECRET)


@pytest.fixture
def provider(options: OidcOptions) -> Provider:
    return Provider(options)


@pytest.fixture
def oidc_settings(settings: Settings, op: TestProvider) -> Settings:
    return _with(settings, issuer=op.issuer)


def _with(settings: Settings, **oidc: Any) -> Settings:
    """The settings, checked, with these of the provider; dotted names are settings of other groups."""
    given = {"client_id": CLIENT, "client_secret": SECRET} | oidc
    more = {name if "." in name else f"oidc.{name}": value for name, value in given.items()}
    kept = settings.model_dump(exclude_unset=True)
    flat = {f"{group}.{name}": value for group, part in kept.items() for name, value in part.items()}
    return Settings.of(flat | more)


@dataclass
class Visit:
    """A browser at the console, and its way to the provider and back."""

    client: TestClient
    store: Store

    def to_provider(self, wanted: str | None = None) -> str:
        """The address that the link on the login page leads to."""
        answer = self.client.get("/login/oidc" + (f"?{urlencode({'next': wanted})}" if wanted else ""))
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def at_provider(self, address: str) -> str:
        """What the provider sends the browser back with, as a path of the console."""
        import httpx2

        back = urlsplit(httpx2.get(address).headers["location"])
        return f"{back.path}?{back.query}"

    def log_in(self, wanted: str | None = None) -> Any:
        return self.client.get(self.at_provider(self.to_provider(wanted)))

    def trail(self) -> list[tuple[str, str, Any]]:
        return [(entry.actor, entry.action, entry.detail) for entry in self.store.audit.entries()]


@pytest.fixture
def office(settings: Settings) -> Iterator[Store]:
    """A store with a reviewer and an admin."""
    from service.store.tables.core_tables import Role

    with open_store(settings.database.url, busy_timeout=2) as store:
        store.users.create("somying", PASSWORD, "สมหญิง ผู้พิจารณา")
        store.users.create("boss", PASSWORD, "หัวหน้าระบบ", Role.ADMIN)
        yield store


@pytest.fixture
def linked(office: Store, op: TestProvider) -> Store:
    """The same, with the reviewer linked to whom the provider knows."""
    office.identities.link("somying", op.issuer, op.person["sub"], "cli")
    return office


Visiting = Callable[..., Visit]


@pytest.fixture
def visit(office: Store, settings: Settings, op: TestProvider) -> Iterator[Visiting]:
    """Opens a browser at a console with these settings of the provider."""
    opened: list[TestClient] = []

    def start(**oidc: Any) -> Visit:
        app = FastAPI()
        mount(app, office, _with(settings, **{"issuer": op.issuer} | oidc))
        client = TestClient(app, follow_redirects=False)
        opened.append(client)
        return Visit(client, office)

    yield start
    for client in opened:
        client.close()


@pytest.fixture
def password() -> str:
    return PASSWORD
