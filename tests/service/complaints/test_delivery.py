"""Answers are sent to complainants through a real mail server."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from service.complaints.delivery.channels import Mail, NotConnected, connected, senders_of
from service.complaints.delivery.courier import ComplaintCourier
from service.complaints.intake import filing_of
from service.settings import Settings
from service.store import Store
from service.store.database.columns import now
from service.store.tables.complaint_tables import Channel, MessageState

OFFICE = "office@fda.example"


class Inbox:
    """Messages received by a mail server; with ``answer`` it refuses recipients instead."""

    def __init__(self) -> None:
        self.letters: list[Any] = []
        self.answer, self.goodbye = "", "221 Bye"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.answer:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:
        return self.goodbye

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.letters.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@contextmanager
def serving(inbox: Inbox, **options: Any) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def answered(store: Store) -> int:
    """Return a complaint whose answer is queued."""
    fields = {"category": "late", "detail": "ส่งช้า", "channel": "email", "contact": "somsri@person.example"}
    number = store.complaints.file(filing_of(fields), "form", "form").complaint_id
    store.complaint_handling.answer(number, "เรียน ผู้ร้องเรียน\nร้านส่งสินค้าแล้ว", "reviewer:nok")
    return number


def courier(store: Store, port: int, clock: Callable[[], datetime] = now) -> ComplaintCourier:
    mail = Mail(f"smtp://127.0.0.1:{port}", OFFICE)
    return ComplaintCourier(store, {Channel.EMAIL: mail, Channel.SMS: NotConnected(Channel.SMS)}, clock)


def test_an_answer_arrives_once(store: Store, inbox: Inbox, answered: int) -> None:
    with serving(inbox) as port:
        sender = courier(store, port)
        assert sender.step()
        assert not sender.step()
    (letter,) = inbox.letters
    assert letter["To"] == "somsri@person.example"
    assert letter["From"] == OFFICE
    assert "รร 0001/" in letter["Subject"]
    assert letter.get_content().replace("\r\n", "\n").strip() == "เรียน ผู้ร้องเรียน\nร้านส่งสินค้าแล้ว"
    (message,) = store.complaint_handling.messages(answered)
    assert (message.state, message.error) == (MessageState.SENT, "")
    (entry,) = store.audit.newest(1, action="complaint.tell")
    assert entry.detail["state"] == "sent"
    assert "person.example" not in str(entry.detail)


def test_a_server_that_is_rude_at_the_end_has_the_letter_all_the_same(
    store: Store, inbox: Inbox, answered: int
) -> None:
    inbox.goodbye = "421 too many connections"
    with serving(inbox) as port:
        courier(store, port).step()
    (message,) = store.complaint_handling.messages(answered)
    assert (message.state, len(inbox.letters)) == (MessageState.SENT, 1)


def test_a_server_that_is_down_is_tried_again_later(store: Store, inbox: Inbox, answered: int) -> None:
    with serving(inbox) as port:
        pass
    moments = [now()]
    sender = courier(store, port, lambda: moments[-1])
    assert sender.step()
    assert not sender.step()
    (message,) = store.complaint_handling.messages(answered)
    assert message.state == MessageState.WAITING
    assert "cannot be used" in message.error
    moments.append(moments[-1] + timedelta(minutes=2))
    with serving(inbox) as port:
        assert courier(store, port, lambda: moments[-1]).step()
    assert len(inbox.letters) == 1


def test_a_server_that_stays_down_is_given_up(store: Store, inbox: Inbox, answered: int) -> None:
    with serving(inbox) as port:
        pass
    moments = [now()]
    sender = courier(store, port, lambda: moments[-1])
    while True:
        assert sender.step()
        (message,) = store.complaint_handling.messages(answered)
        if message.state != MessageState.WAITING:
            break
        moments.append(message.next_at)
    assert message.state == MessageState.FAILED
    assert timedelta(days=2) <= moments[-1] - moments[0] <= timedelta(days=3)
    assert not sender.step()


def test_a_message_that_cannot_be_sent_at_all_stops_no_other(
    store: Store, inbox: Inbox, answered: int
) -> None:
    with serving(inbox) as port:
        # An address that no header can carry.
        broken = Mail(f"smtp://127.0.0.1:{port}", "office\n@fda.example")
        assert ComplaintCourier(store, {Channel.EMAIL: broken}).step()
    assert inbox.letters == []
    (message,) = store.complaint_handling.messages(answered)
    assert message.state == MessageState.WAITING
    assert "(ValueError)" in message.error


@pytest.mark.parametrize(
    ("answer", "state"),
    [("550 no such mailbox", MessageState.FAILED), ("450 try later", MessageState.WAITING)],
)
def test_a_refused_recipient(
    store: Store, inbox: Inbox, answered: int, answer: str, state: MessageState
) -> None:
    inbox.answer = answer
    with serving(inbox) as port:
        courier(store, port).step()
    (message,) = store.complaint_handling.messages(answered)
    assert message.state == state
    assert answer[:3] in message.error
    assert "somsri" not in message.error


def test_a_channel_that_is_not_connected_says_so(store: Store) -> None:
    fields = {"category": "late", "detail": "ส่งช้า", "channel": "sms", "contact": "081-000-0000"}
    number = store.complaints.file(filing_of(fields), "form", "form").complaint_id
    store.complaint_handling.answer(number, "ตอบแล้ว", "reviewer:nok")
    courier(store, 1).step()
    (message,) = store.complaint_handling.messages(number)
    assert message.state == MessageState.FAILED
    assert "sms is not connected" in message.error


def test_a_password_is_never_sent_in_clear(store: Store, inbox: Inbox, answered: int) -> None:
    with serving(inbox) as port:
        mail = Mail(f"smtp://office:secret@127.0.0.1:{port}", OFFICE)
        ComplaintCourier(store, {Channel.EMAIL: mail}).step()
    assert inbox.letters == []
    (message,) = store.complaint_handling.messages(answered)
    assert message.state == MessageState.WAITING


def test_mail_is_encrypted_where_the_server_offers_it(store: Store, inbox: Inbox, answered: int) -> None:
    authority = trustme.CA()
    theirs, ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(theirs)
    with serving(inbox, tls_context=theirs, require_starttls=True) as port:
        distrusting = Mail(f"smtp://127.0.0.1:{port}", OFFICE)
        ComplaintCourier(store, {Channel.EMAIL: distrusting}).step()
        assert inbox.letters == []
        authority.configure_trust(ours)
        later = now() + timedelta(minutes=2)
        trusting = Mail(f"smtp://127.0.0.1:{port}", OFFICE, ours)
        ComplaintCourier(store, {Channel.EMAIL: trusting}, lambda: later).step()
    assert len(inbox.letters) == 1


def test_only_connected_channels_are_offered(settings: Settings) -> None:
    assert connected(senders_of(settings)) == [Channel.NONE]
    mailing = settings.changed({"mail.sender": OFFICE, "mail.smtp_url": SecretStr("smtp://127.0.0.1")})
    assert connected(senders_of(mailing)) == [Channel.NONE, Channel.EMAIL]
    with pytest.raises(ValueError, match="go together"):
        Settings.of({"mail.smtp_url": SecretStr("smtp://127.0.0.1")})
    for address in ("mail.example", "smtp://mail.example:99999", "smtp://ก:ข@mail.example"):
        with pytest.raises(ValueError, match="smtps://"):
            Settings.of({"mail.smtp_url": SecretStr(address), "mail.sender": OFFICE})
    with pytest.raises(ValueError, match="office@example"):
        Settings.of({"mail.smtp_url": SecretStr("smtp://127.0.0.1"), "mail.sender": f"อย. <{OFFICE}>"})
