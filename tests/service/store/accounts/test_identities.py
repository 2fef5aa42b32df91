import threading
from datetime import timedelta

import pytest

from service.store import Store
from service.store.accounts.provider_logins import Newcomer, Refusal
from service.store.audit import names as audit_names
from service.store.database.errors import IdentityTaken
from service.store.tables.core_tables import Role

ISSUER, PASSWORD = "https://id.example/realms/agency", "a long password"


def test_a_link_is_made_found_and_removed(store: Store) -> None:
    nok = store.users.create("nok", PASSWORD)
    link = store.identities.link("NOK", ISSUER, "s-1", "cli")
    assert link is not None
    assert [(found.issuer, found.subject) for found in store.identities.of(nok.id)] == [(ISSUER, "s-1")]
    assert store.identities.holds(link.id, nok.id, ISSUER)
    assert not store.identities.holds(link.id, nok.id, ISSUER + "/")
    assert not store.identities.holds(link.id, nok.id + 1, ISSUER)
    assert store.identities.unlink("nok", "https://other.example", "cli") == []
    removed = store.identities.unlink("nok", ISSUER, "cli")
    assert removed is not None
    assert [found.subject for found in removed] == ["s-1"]
    assert not store.identities.holds(link.id, nok.id, ISSUER)
    again = store.identities.link("nok", ISSUER, "s-1", "cli")
    assert again is not None
    assert again.id != link.id
    assert store.identities.link("nobody", ISSUER, "s-9", "cli") is None
    assert store.identities.unlink("nobody", None, "cli") is None
    trail = [(entry.action, entry.subject, entry.detail) for entry in store.audit.entries()]
    pair = {"issuer": ISSUER, "subject": "s-1"}
    assert trail == [
        ("user.link", "reviewer:nok", pair),
        ("user.unlink", "reviewer:nok", pair),
        ("user.link", "reviewer:nok", pair),
    ]


def test_a_person_is_one_account_and_an_account_one_person(store: Store) -> None:
    for name in ("nok", "lek"):
        store.users.create(name, PASSWORD)
    store.identities.link("nok", ISSUER, "s-1", "cli")
    for name, subject in (("lek", "s-1"), ("nok", "s-2"), ("nok", "s-1")):
        with pytest.raises(IdentityTaken, match="nok is linked to 's-1'"):
            store.identities.link(name, ISSUER, subject, "cli")
    assert store.identities.link("nok", "https://other.example", "s-1", "cli")
    assert store.identities.link("lek", ISSUER, "S-1", "cli")  # subjects differ by case


@pytest.mark.parametrize(
    ("issuer", "subject"), [("", "s"), (ISSUER, ""), (ISSUER, "x" * 256), (ISSUER, "ก"), (ISSUER, "a\u0000")]
)
def test_what_no_provider_has(store: Store, issuer: str, subject: str) -> None:
    store.users.create("nok", PASSWORD)
    with pytest.raises(ValueError, match="printable ASCII"):
        store.identities.link("nok", issuer, subject, "cli")


def test_entering(store: Store) -> None:
    nok = store.users.create("nok", PASSWORD)
    assert store.provider_logins.enter(ISSUER, "s-1").refusal is Refusal.NO_ACCOUNT
    link = store.identities.link("nok", ISSUER, "s-1", "cli")
    assert link is not None
    step = store.provider_logins.enter(ISSUER, "s-1")
    assert step.reviewer is not None
    assert (step.reviewer.id, step.identity_id, step.needs_code) == (nok.id, link.id, False)
    lek = store.users.create("lek", PASSWORD)
    for digest, reviewer in (("a", nok), ("b", lek)):
        store.sessions.open(digest * 64, reviewer.id, timedelta(hours=1))
    assert store.provider_logins.enter(ISSUER, "s-1", roles_rule=True, role=Role.REVIEWER).refusal is None
    assert store.sessions.counts() == {nok.id: 1, lek.id: 1}
    raised = store.provider_logins.enter(ISSUER, "s-1", roles_rule=True, role=Role.LEAD)
    assert raised.reviewer is not None
    assert raised.reviewer.role == Role.LEAD
    assert store.sessions.counts() == {lek.id: 1}  # a session opened under the old role is over
    assert store.provider_logins.enter(ISSUER, "s-1", roles_rule=True).refusal is Refusal.NO_ROLE
    store.users.disable(nok.id)
    assert store.provider_logins.enter(ISSUER, "s-1").refusal is Refusal.DISABLED
    assert store.audit.verify().broken_at is None


def test_a_role_changed_by_the_provider_ends_the_accounts_password_links(store: Store) -> None:
    admin = store.users.create("nok", PASSWORD, role=Role.ADMIN)
    lek = store.users.create("lek", PASSWORD)
    store.identities.link("nok", ISSUER, "s-1", "cli")
    made = [
        store.password_links.make(admin.id, "cli"),
        store.password_links.make(lek.id, audit_names.reviewer("nok")),
        store.password_links.make(store.users.create("mali", PASSWORD).id, "cli"),
    ]

    def working() -> list[bool]:
        return [store.password_links.find(link.token) is not None for link in made]

    store.provider_logins.enter(ISSUER, "s-1", roles_rule=True, role=Role.ADMIN)
    assert working() == [True, True, True]
    store.provider_logins.enter(ISSUER, "s-1", roles_rule=True, role=Role.REVIEWER)
    assert working() == [False, False, True]


@pytest.mark.parametrize("wanted", ["", "   ", "x" * 300, "ชื่อไทย", "a\ud800b"])
def test_a_newcomers_name_is_made_to_fit(store: Store, wanted: str) -> None:
    names = set()
    for subject in ("s-1", "s-2"):
        step = store.provider_logins.enter(ISSUER, subject, newcomer=Newcomer(wanted, wanted))
        assert step.reviewer is not None
        assert 0 < len(step.reviewer.name) <= 100
        assert step.reviewer.display_name.strip()
        names.add(step.reviewer.name)
    assert len(names) == 2


def test_first_logins_at_once_make_one_account(store: Store) -> None:
    steps = []

    def enter() -> None:
        steps.append(store.provider_logins.enter(ISSUER, "s-1", newcomer=Newcomer("nok", "นก")))

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({step.identity_id for step in steps}) == 1
    assert [row.name for row in store.users.all()] == ["nok"]


def test_a_link_removed_during_a_first_login_leaves_no_account_with_an_empty_password(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.users.create("nok", PASSWORD)
    store.identities.link("nok", ISSUER, "s-1", "cli")
    logins = store.provider_logins
    find = logins._secret_for

    def find_and_unlink(issuer: str, subject: str) -> str:
        found = find(issuer, subject)
        store.identities.unlink("nok", ISSUER, "cli")
        return found

    monkeypatch.setattr(logins, "_secret_for", find_and_unlink)
    step = logins.enter(ISSUER, "s-1", newcomer=Newcomer("lek", "เล็ก"))
    assert step.reviewer is not None
    assert (step.reviewer.name, step.reviewer.password_hash[:9]) == ("lek", "$argon2id")
    assert store.users.authenticate("lek", "") is None
