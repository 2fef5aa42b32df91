import datetime
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from service.webhooks.addresses import BadTarget, parse
from service.webhooks.post import DeliveryFailed, post


def send(url: str, timeout: float = 5.0, **more: Any) -> int:
    return post(parse(url, True), "ก".encode(), {"X-One": "1"}, timeout, allow_loopback=True, **more)


def test_the_body_and_the_headers_arrive_and_the_status_comes_back(endpoint: Any) -> None:
    endpoint.answers = [204, 500]
    assert (send(endpoint.url), send(endpoint.url)) == (204, 500)
    received = endpoint.received[0]
    assert (received.path, received.body.decode(), received.headers["x-one"]) == ("/hook?a=1", "ก", "1")
    assert received.headers["host"] == endpoint.url.split("/")[2]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(endpoint: Any, status: int) -> None:
    endpoint.answers = [status]
    assert send(endpoint.url) == status
    assert [item.path for item in endpoint.received] == ["/hook?a=1"]


@pytest.mark.parametrize(("how", "timeout"), [("hang", 0.4), ("trickle", 0.4), ("trickle", 3.0)])
def test_the_time_limit_covers_the_whole_answer(endpoint: Any, how: str, timeout: float) -> None:
    """The longest trickle is cut off behind its "200": that is no success either."""
    endpoint.answers = [how]
    start = time.monotonic()
    with pytest.raises(DeliveryFailed, match=f"did not answer within {timeout:g} s"):
        send(endpoint.url, timeout=timeout)
    assert time.monotonic() - start < timeout + 10


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with pytest.raises(DeliveryFailed, match="the connection failed"):
            send(f"http://127.0.0.1:{port}/")


def test_an_answer_that_is_no_http(endpoint: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_answer, args=(server, b"SSH-2.0-x\r\n"))
        thread.start()
        with pytest.raises(DeliveryFailed, match="BadStatusLine"):
            send(f"http://127.0.0.1:{server.getsockname()[1]}/")
        thread.join()


def _answer(server: socket.socket, words: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(10_000)
        connection.sendall(words)


def test_the_address_is_checked_when_it_is_used(endpoint: Any) -> None:
    """As after a change of the DNS between making the webhook and delivering."""
    with pytest.raises(BadTarget, match="public internet"):
        post(parse(endpoint.url, True), b"", {}, 5.0)
    assert endpoint.received == []


def test_the_connection_goes_to_the_address_that_was_checked(
    endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name is looked up once: a second look-up could be answered with a private address."""
    port = parse(endpoint.url, True).port
    asked: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        asked.append(host)
        return real("127.0.0.1" if host == "localhost" else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert send(f"http://localhost:{port}/") == 204
    assert asked == ["localhost", "127.0.0.1"]
    assert endpoint.received[0].headers["host"] == f"localhost:{port}"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for localhost that signed itself, with its key."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    today = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


def test_https_and_a_certificate_that_nobody_vouches_for(certificate: Path) -> None:
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        heard: list[bytes] = []

        def serve() -> None:
            for _ in range(3):
                connection, _address = server.accept()
                try:
                    with serving.wrap_socket(connection, server_side=True) as used:
                        request = b""
                        while "ก".encode() not in request:  # closing on unread bytes would reset the line
                            request += used.recv(10_000)
                        heard.append(request)
                        used.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
                except OSError:
                    connection.close()

        thread = threading.Thread(target=serve, daemon=True)  # a failure above leaves it waiting
        thread.start()
        assert send(f"https://localhost:{port}/", context=trusting) == 202
        with pytest.raises(DeliveryFailed, match="certificate is not valid"):
            send(f"https://localhost:{port}/")
        with pytest.raises(DeliveryFailed, match="certificate is not valid"):
            send(f"https://127.0.0.1:{port}/", context=trusting)  # another name than the certificate's
        thread.join()
        assert heard[0].startswith(b"POST / HTTP/1.1\r\n")


def test_a_handshake_that_never_comes() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        start = time.monotonic()
        with pytest.raises(DeliveryFailed, match="did not answer within"):
            send(f"https://localhost:{server.getsockname()[1]}/", timeout=0.3)
        assert time.monotonic() - start < 5
