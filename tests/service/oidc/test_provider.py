"""The flow against a real provider, and against providers and browsers that cheat."""

import base64
import dataclasses
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from service.oidc import provider as provider_module
from service.oidc.errors import LoginRefused, ProviderUnavailable
from service.oidc.options import OidcOptions
from service.oidc.provider import Attempt, Provider, Recognized

BACK = "https://ruthan.example/login/oidc/callback"


def answer(address: str) -> dict[str, str]:
    """What the provider sends the browser back with."""
    back = urlsplit(httpx2.get(address).headers["location"])
    return {name: values[0] for name, values in parse_qs(back.query).items()}


def log_in(provider: Provider) -> Recognized:
    address, attempt = provider.begin(BACK)
    return provider.finish(attempt, answer(address))


def test_the_whole_flow(provider: Provider, op: Any) -> None:
    op.person |= {"name": "สมหญิง ใจดี", "preferred_username": "somying.j"}
    address, attempt = provider.begin(BACK)
    asked = parse_qs(urlsplit(address).query)
    assert asked["scope"] == ["openid profile"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [BACK]
    assert attempt.verifier not in address
    found = provider.finish(attempt, answer(address)).person
    assert (found.issuer, found.subject) == (op.issuer, "4f1c-somying")
    assert (found.name, found.display_name) == ("somying.j", "สมหญิง ใจดี")
    assert (found.role, found.second_factor) == (None, False)


def test_document_and_keys_are_read_once_an_hour(options: OidcOptions, op: Any) -> None:
    now = [0.0]
    provider = Provider(options, lambda: now[0])
    for _ in range(3):
        log_in(provider)
    assert op.asked.count("/keys") == op.asked.count("/.well-known/openid-configuration") == 1
    now[0] = provider_module.KEEP_SECONDS
    log_in(provider)
    assert op.asked.count("/keys") == op.asked.count("/.well-known/openid-configuration") == 2


def test_keys_that_were_changed_are_read_anew(provider: Provider, op: Any, keys: list[RSAKey]) -> None:
    log_in(provider)
    op.rotate(keys[1])
    assert log_in(provider).person.subject == "4f1c-somying"
    assert op.asked.count("/keys") == 2
    op.rotate(ECKey.generate_key("P-256", {"kid": "curve"}))
    assert log_in(provider).person.subject == "4f1c-somying"


def test_keys_of_kinds_that_nobody_knows_do_no_harm(provider: Provider, op: Any) -> None:
    op.published += [{"kty": "NEW", "kid": "x"}, {"kty": "EC", "crv": "P-0", "kid": "y"}, {"kid": "z"}, 7]
    assert log_in(provider)


def _raw(header: dict[str, Any], claims: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """A token made by hand: the libraries refuse to make such ones."""
    signed = b".".join(_base64(json.dumps(part).encode()) for part in (header, claims))
    return b".".join((signed, _base64(sign(signed)))).decode()


def _base64(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"nonce": ["another"]}, "nonce"),
        ({"aud": "somebody-else"}, "aud"),
        ({"aud": ["ruthan", "somebody-else"], "azp": "somebody-else"}, "azp"),
        ({"aud": ["ruthan", "somebody-else"]}, "azp"),
        ({"aud": None}, "aud"),
        ({"iss": "https://evil.example"}, "iss"),
        ({"iss": None}, "iss"),
        ({"exp": int(time.time()) - 3600}, "expired"),
        ({"exp": None}, "exp"),
        ({"exp": "tomorrow"}, "exp"),
        ({"iat": int(time.time()) + 3600}, "future"),
        ({"nbf": int(time.time()) + 3600}, "not yet"),
        ({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, "at_hash"),
        ({"sub": ""}, "sub"),
        ({"sub": None}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": "x" * 256}, "subject"),
        ({"sub": "สมหญิง"}, "subject"),
        ({"sub": "a\u0000b"}, "subject"),
    ],
)
def test_claims_that_do_not_hold(provider: Provider, op: Any, wrong: dict[str, Any], reason: str) -> None:
    def twist(claims: dict[str, Any]) -> None:
        claims |= wrong
        for name in [name for name, value in wrong.items() if value is None]:
            del claims[name]

    op.twist = twist
    with pytest.raises(LoginRefused, match=reason):
        log_in(provider)


def test_a_clock_that_is_a_little_off_is_forgiven(provider: Provider, op: Any) -> None:
    op.twist = lambda claims: claims.update(exp=int(time.time()) - 30, iat=int(time.time()) + 30)
    assert log_in(provider)


def test_several_audiences_with_us_as_the_authorized_party(provider: Provider, op: Any) -> None:
    op.twist = lambda claims: claims.update(aud=["api", "ruthan"], azp="ruthan")
    assert log_in(provider)


def test_an_unsigned_token(provider: Provider, op: Any) -> None:
    op.sign = lambda claims: _raw({"alg": "none", "kid": "key-1"}, claims, lambda signed: b"")
    with pytest.raises(LoginRefused, match="unsupported_algorithm"):
        log_in(provider)


def test_a_token_signed_with_the_public_key_or_the_client_secret_as_a_shared_one(
    provider: Provider, op: Any
) -> None:
    header = {"alg": "HS256", "kid": "key-1"}
    for secret in (op.key.as_pem(private=False), b"a client secret of the provider"):
        op.sign = lambda claims, key=secret: _raw(header, claims, lambda it: hmac.digest(key, it, "sha256"))
        with pytest.raises(LoginRefused, match="unsupported_algorithm"):
            log_in(provider)


def test_a_shared_key_among_the_published_ones_is_never_used(options: OidcOptions, op: Any) -> None:
    shared = OctKey.import_key("a shared secret that everybody can read", {"kid": "key-1"})
    op.published = [shared.as_dict(private=True)]
    with pytest.raises(ProviderUnavailable, match="no usable key"):
        log_in(Provider(options))


def test_an_algorithm_that_is_not_on_the_list(options: OidcOptions, op: Any) -> None:
    only = Provider(dataclasses.replace(options, algorithms=frozenset({"ES256"})))
    with pytest.raises(LoginRefused, match="unsupported_algorithm"):
        log_in(only)


def test_an_unknown_key(provider: Provider, op: Any, keys: list[RSAKey]) -> None:
    op.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "stranger"}, claims, keys[1], ["RS256"])
    with pytest.raises(LoginRefused, match="unknown key"):
        log_in(provider)


def test_another_key_under_a_known_name(provider: Provider, op: Any, keys: list[RSAKey]) -> None:
    op.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "key-1"}, claims, keys[1], ["RS256"])
    with pytest.raises(LoginRefused, match="bad_signature"):
        log_in(provider)


def test_a_key_that_the_token_itself_brings(provider: Provider, op: Any, keys: list[RSAKey]) -> None:
    header = {"alg": "RS256", "jwk": keys[1].as_dict(private=False), "kid": "key-1"}
    op.sign = lambda claims: jwt.encode(header, claims, keys[1], ["RS256"])
    with pytest.raises(LoginRefused):
        log_in(provider)


def test_a_token_without_a_key_id_needs_a_single_key(provider: Provider, op: Any, keys: list[RSAKey]) -> None:
    op.sign = lambda claims: op.signed(claims, kid=None)
    assert log_in(provider)
    op.published.append(keys[1].as_dict(private=False))
    with pytest.raises(LoginRefused, match="unknown key"):
        log_in(Provider(provider.options))


@pytest.mark.parametrize("token", ["", "a.b.c", "a.b.c.d.e", "เ.เ.เ", "." * 9, 7, None, ["x"]])
def test_what_is_no_token(provider: Provider, op: Any, token: Any) -> None:
    op.token_extra = {"id_token": token}
    with pytest.raises(LoginRefused):
        log_in(provider)


def test_a_code_counts_once(provider: Provider) -> None:
    address, attempt = provider.begin(BACK)
    query = answer(address)
    provider.finish(attempt, query)
    with pytest.raises(LoginRefused, match="invalid_grant"):
        provider.finish(attempt, query)


def test_a_code_of_another_attempt(provider: Provider, op: Any) -> None:
    """Injected into this browser: neither its verifier nor, at a careless provider, its nonce fit."""
    stolen = answer(provider.begin(BACK)[0])["code"]
    address, attempt = provider.begin(BACK)
    query = answer(address) | {"code": stolen}
    with pytest.raises(LoginRefused, match="invalid_grant"):
        provider.finish(attempt, query)
    op.forgetful = True
    op.grants[stolen].query["code_challenge"] = op.grants[answer(address)["code"]].query["code_challenge"]
    with pytest.raises(LoginRefused, match="nonce"):
        provider.finish(attempt, query)


def test_a_state_of_another_attempt(provider: Provider, op: Any) -> None:
    address, attempt = provider.begin(BACK)
    for state in ("", "x", "é", provider.begin(BACK)[1].state):
        with pytest.raises(LoginRefused, match="state"):
            provider.finish(attempt, answer(address) | {"state": state})
    assert "/token" not in op.asked


def test_an_answer_of_another_provider(provider: Provider, op: Any) -> None:
    op.names_issuer = "https://evil.example"
    with pytest.raises(LoginRefused, match="another provider"):
        log_in(provider)
    assert "/token" not in op.asked
    op.names_issuer = op.issuer
    assert log_in(provider)


def test_an_answer_that_should_name_its_provider(options: OidcOptions, op: Any) -> None:
    op.document = {"authorization_response_iss_parameter_supported": True}
    with pytest.raises(LoginRefused, match="name its issuer"):
        log_in(Provider(options))


def test_an_attempt_from_before_the_provider_was_changed(provider: Provider) -> None:
    address, attempt = provider.begin(BACK)
    other = Attempt("https://other.example", attempt.state, attempt.nonce, attempt.verifier, BACK)
    with pytest.raises(LoginRefused, match="another provider"):
        provider.finish(other, answer(address))


def test_the_document_of_another_issuer(options: OidcOptions, op: Any) -> None:
    op.document = {"issuer": "https://evil.example"}
    with pytest.raises(ProviderUnavailable, match="not of"):
        Provider(options).begin(BACK)


@pytest.mark.parametrize(
    "address", ["http://evil.example/x", "ftp://a", "", 7, "https://user@evil.example", "javascript:alert(1)"]
)
@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_addresses_that_would_send_secrets_in_the_clear(
    options: OidcOptions, op: Any, name: str, address: Any
) -> None:
    op.document = {name: address}
    with pytest.raises(ProviderUnavailable, match=name):
        Provider(options).begin(BACK)


def test_a_provider_that_says_no(provider: Provider) -> None:
    address, attempt = provider.begin(BACK)
    query = {"state": answer(address)["state"], "error": "access_denied<b>", "error_description": "<script>"}
    with pytest.raises(LoginRefused, match=r"the provider refused: access_deniedb$"):
        provider.finish(attempt, query)


def test_our_own_secret_is_wrong(options: OidcOptions) -> None:
    with pytest.raises(ProviderUnavailable, match="client id and secret"):
        log_in(Provider(dataclasses.replace(options, client_secret="another")))


def test_a_provider_that_is_down(dead: OidcOptions) -> None:
    with pytest.raises(ProviderUnavailable, match="cannot be read"):
        Provider(dead).begin(BACK)


@pytest.mark.parametrize(
    "told", [500, 404, 302, b"<html>", b"[]", b"null", b"[" * 100_000, b"x" * (2**20 + 1)]
)
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
def test_answers_that_are_none(provider: Provider, op: Any, path: str, told: Any) -> None:
    op.answers[path] = told
    with pytest.raises(ProviderUnavailable):
        log_in(provider)


@pytest.mark.parametrize("told", ["hang", "trickle"])
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
def test_a_slow_provider_holds_nobody(options: OidcOptions, op: Any, path: str, told: str) -> None:
    op.answers[path] = told
    with pytest.raises(ProviderUnavailable):
        log_in(Provider(dataclasses.replace(options, timeout_seconds=0.3)))


def test_a_failure_is_not_remembered(provider: Provider, op: Any) -> None:
    op.answers["/keys"] = 500
    with pytest.raises(ProviderUnavailable):
        log_in(provider)
    op.answers.clear()
    assert log_in(provider)


def test_only_so_many_wait_at_once(options: OidcOptions, op: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_module, "MOST_AT_ONCE", 1)
    provider = Provider(options)
    address, attempt = provider.begin(BACK)
    query = answer(address)
    with provider._turn(), pytest.raises(ProviderUnavailable, match="waiting for the provider"):
        provider.finish(attempt, query)
    assert provider.finish(attempt, query)


def test_the_client_authenticates_as_the_provider_wants(options: OidcOptions, op: Any) -> None:
    op.document = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    seen: list[dict[str, str]] = []

    def redeem(form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        seen.append(form | {"authorization": authorization})
        return 400, {"error": "invalid_grant"}

    op.redeem = redeem
    with pytest.raises(LoginRefused):
        log_in(Provider(options))
    assert seen[0]["client_secret"] == options.client_secret
    assert seen[0]["authorization"] == ""


def test_where_to_log_out(provider: Provider, options: OidcOptions, op: Any) -> None:
    address = provider.logout_address("a.b.c", "https://ruthan.example/login")
    assert address is not None
    assert parse_qs(urlsplit(address).query) == {
        "id_token_hint": ["a.b.c"],
        "client_id": ["ruthan"],
        "post_logout_redirect_uri": ["https://ruthan.example/login"],
    }
    op.document = {"end_session_endpoint": None}
    assert Provider(options).logout_address("a.b.c", "https://ruthan.example/login") is None


def test_secrets_do_not_show(options: OidcOptions) -> None:
    assert options.client_secret not in repr(options)
