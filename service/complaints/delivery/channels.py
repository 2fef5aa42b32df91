"""Channels to complainants: e-mail over SMTP, and placeholders for channels that are not connected."""

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Protocol
from urllib.parse import unquote, urlsplit

from service.complaints.intake import is_email
from service.settings import Settings
from service.store.tables.complaint_tables import Channel

_SECONDS = 20.0
"""Timeout for the mail server, in seconds."""
_PORTS = {"smtp": 587, "smtps": 465}
_PERMANENT = 500


class NotSent(Exception):
    """A message could not be sent; the text says why and contains no address."""


class NeverSent(NotSent):
    """A message could not be sent, and a retry would not help."""


class Sender(Protocol):
    """Sends a text to one address."""

    def send(self, address: str, subject: str, text: str) -> None:
        """Hand over a message.  Raises :class:`NotSent` or :class:`NeverSent`."""


class NotConnected:
    """A channel that is not configured."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def send(self, address: str, subject: str, text: str) -> None:
        """Raise :class:`NeverSent`."""
        raise NeverSent(f"{self._channel.value} is not connected: tell the complainant in another way")


@dataclass(frozen=True)
class Mail:
    """E-mail through a mail server.

    Attributes:
        url: ``smtp://USER:PASSWORD@HOST:PORT`` (STARTTLS where it is offered, and required with a password)
            or ``smtps://…`` (TLS from the start).
        sender: the office's address.
        context: certificates to trust; the system's if ``None``.
    """

    url: str
    sender: str
    context: ssl.SSLContext | None = None

    def send(self, address: str, subject: str, text: str) -> None:
        """Hand a message to the mail server.

        Raises :class:`NeverSent` if the address is missing or permanently refused, else :class:`NotSent`.
        """
        if not is_email(address):
            raise NeverSent("the complainant's e-mail address is missing or was removed")
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, address, subject
        message["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2])
        # Suppresses out-of-office replies (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        try:
            server = self._connected()
            try:
                server.send_message(message)
            finally:
                _leave(server)
        except smtplib.SMTPRecipientsRefused as error:
            code, _ = next(iter(error.recipients.values()))
            kind = NeverSent if code >= _PERMANENT else NotSent
            raise kind(f"the mail server refused the recipient ({code})") from error
        except smtplib.SMTPResponseException as error:
            raise NotSent(f"the mail server answered {error.smtp_code}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(f"the mail server cannot be used ({type(error).__name__})") from error

    def _connected(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        context = self.context or ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=_SECONDS)
        try:
            if parts.scheme == "smtp":
                server.ehlo()
                if server.has_extn("starttls"):
                    server.starttls(context=context)
                elif parts.username:
                    raise smtplib.SMTPNotSupportedError(
                        "no STARTTLS: the password would be sent in clear text"
                    )
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
        except BaseException:
            server.close()
            raise
        return server


def _leave(server: smtplib.SMTP) -> None:
    """Say goodbye; what the server says to that does not undo what it accepted."""
    try:
        server.quit()
    except OSError:
        server.close()


def senders_of(settings: Settings) -> Mapping[Channel, Sender]:
    """Return the sender of each channel; those that are not configured raise an error that says so."""
    found: dict[Channel, Sender] = {channel: NotConnected(channel) for channel in Channel}
    if settings.mail.smtp_url is not None and settings.mail.sender is not None:
        found[Channel.EMAIL] = Mail(settings.mail.smtp_url.get_secret_value(), settings.mail.sender)
    return found


def connected(found: Mapping[Channel, Sender]) -> list[Channel]:
    """Return the channels that a complainant may choose."""
    return [Channel.NONE, *(channel for channel, each in found.items() if not isinstance(each, NotConnected))]
