from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select, update

from service.store import Store
from service.store.accounts.lockout import Lockout
from service.store.accounts.logins import LoginStep
from service.store.accounts.second_factor import WrongCode, step_of
from service.store.database.columns import now
from service.store.database.encryption import Cipher, DecryptionFailed
from service.store.tables.core_tables import Reviewer
from service.store.tables.session_tables import FailedLogin

RIGHT, WRONG = "a long password", "another password"
LOCKOUT = Lockout(failures=3)
CIPHER = Cipher("k" * 40, "totp")
SECRET = "JBSWY3DPEHPK3PXP" * 2


@pytest.fixture
def nok(store: Store) -> Reviewer:
    return store.users.create("nok", RIGHT)


def _end_lock(store: Store, nok: Reviewer) -> None:
    with store.database.writing() as session:
        past = now() - timedelta(seconds=1)
        session.get_one(Reviewer, nok.id).locked_until = past
        session.execute(update(FailedLogin).values(locked_until=past))


def _code(steps: int = 0) -> str:
    return pyotp.TOTP(SECRET).at(now() + timedelta(seconds=30 * steps))


def test_failures_lock_for_growing_times_and_a_login_ends_the_count(store: Store, nok: Reviewer) -> None:
    for _ in range(3):
        assert store.logins.password("nok", WRONG, LOCKOUT) == LoginStep()
    assert store.logins.password("nok", RIGHT, LOCKOUT) == LoginStep()
    _end_lock(store, nok)
    store.logins.password("NOK ", WRONG, LOCKOUT)
    ((address, until),) = store.logins.locks(nok.id)
    assert address == ""
    assert timedelta(seconds=100) < until - now() <= timedelta(minutes=2)
    _end_lock(store, nok)
    assert store.logins.password("nok", RIGHT, LOCKOUT).reviewer is not None
    assert store.logins.locks(nok.id) == []
    reasons = [(entry.action, entry.detail.get("reason")) for entry in store.audit.entries()]
    refused = "login.refused"
    assert reasons == [
        *[(refused, "password")] * 3,
        (refused, "locked"),
        (refused, "password"),
        ("login", None),
    ]


def test_who_knows_the_name_alone_locks_nobody_out_elsewhere(store: Store, nok: Reviewer) -> None:
    for _ in range(20):
        store.logins.password("nok", WRONG, LOCKOUT, "192.0.2.9")
    assert store.logins.password("nok", RIGHT, LOCKOUT, "192.0.2.9") == LoginStep()
    assert store.logins.password("nok", RIGHT, LOCKOUT, "192.0.2.1").reviewer is not None
    # A login elsewhere ends no lock of the address that guesses.
    assert store.logins.password("nok", RIGHT, LOCKOUT, "192.0.2.9") == LoginStep()
    assert [address for address, _ in store.logins.locks(nok.id)] == ["192.0.2.9"]


def test_one_ipv6_network_is_one_guesser(store: Store, nok: Reviewer) -> None:
    for host in range(3):
        store.logins.password("nok", WRONG, LOCKOUT, f"2001:db8::{host}")
    assert store.logins.password("nok", RIGHT, LOCKOUT, "2001:db8::ffff") == LoginStep()
    assert store.logins.password("nok", RIGHT, LOCKOUT, "2001:db8:0:1::1").reviewer is not None


def test_a_lock_that_a_wrong_clock_made_endless_ends(store: Store, nok: Reviewer) -> None:
    for _ in range(3):
        store.logins.password("nok", WRONG, LOCKOUT)
    with store.database.writing() as session:
        session.execute(update(FailedLogin).values(locked_until=now() + timedelta(days=40)))
    assert store.logins.password("nok", RIGHT, LOCKOUT).reviewer is not None


def test_unlocking_lets_in_at_once(store: Store, nok: Reviewer) -> None:
    for _ in range(3):
        store.logins.password("nok", WRONG, LOCKOUT)
    assert store.logins.unlock("nok", "cli") is not None
    assert store.logins.password("nok", RIGHT, LOCKOUT).reviewer is not None
    assert store.logins.unlock("nobody", "cli") is None


def test_unknown_disabled_and_impossible_names_look_like_a_wrong_password(
    store: Store, nok: Reviewer
) -> None:
    store.users.disable(nok.id)
    for name in ("nobody", "nok", "a\0b", "\ud800", "x" * 5000, ""):
        assert store.logins.password(name, RIGHT, LOCKOUT) == LoginStep()
    refused = store.audit.newest(10, action="login.refused")
    assert {entry.detail["reason"] for entry in refused} == {"password"}
    assert store.audit.verify().broken_at is None


def test_guesses_at_once_are_all_counted(store: Store, nok: Reviewer) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: store.logins.password("nok", WRONG, Lockout(failures=100)), range(6)))
    with store.database.reading() as session:
        assert session.scalars(select(FailedLogin.failures)).all() == [6]


def test_a_second_factor_is_asked_for_and_no_code_passes_twice(store: Store, nok: Reviewer) -> None:
    with pytest.raises(WrongCode):
        store.second_factors.enable(nok.id, SECRET, "no code", CIPHER, "cli")
    code = _code(-1)
    store.second_factors.enable(nok.id, SECRET, code, CIPHER, "cli")
    assert store.logins.password("nok", RIGHT, LOCKOUT).needs_code
    assert store.logins.code(nok.id, code, CIPHER, LOCKOUT) == LoginStep()
    assert store.logins.code(nok.id, _code(1), CIPHER, LOCKOUT).reviewer is not None
    assert (
        store.logins.code(nok.id, _code(0), CIPHER, LOCKOUT) == LoginStep()
    )  # older than the last that passed


def test_wrong_codes_lock_though_the_password_is_right(store: Store, nok: Reviewer) -> None:
    recovery = store.second_factors.enable(nok.id, SECRET, _code(), CIPHER, "cli")
    for _ in range(3):
        assert store.logins.password("nok", RIGHT, LOCKOUT).needs_code
        assert store.logins.code(nok.id, "not it", CIPHER, LOCKOUT) == LoginStep()
    assert store.logins.code(nok.id, recovery[0], CIPHER, LOCKOUT) == LoginStep()
    assert store.logins.password("nok", RIGHT, LOCKOUT) == LoginStep()


def test_recovery_codes_work_once_and_are_kept_as_hashes(store: Store, nok: Reviewer) -> None:
    codes = store.second_factors.enable(nok.id, SECRET, _code(), CIPHER, "cli")
    assert len(set(codes)) == store.second_factors.codes_left(nok.id) == 10
    assert store.logins.code(nok.id, codes[0].upper().replace("-", " "), CIPHER, LOCKOUT).reviewer is not None
    assert store.logins.code(nok.id, codes[0], CIPHER, LOCKOUT) == LoginStep()
    assert store.second_factors.codes_left(nok.id) == 9
    fresh = store.second_factors.renew_codes(nok.id, "cli")
    assert store.logins.code(nok.id, codes[1], CIPHER, LOCKOUT) == LoginStep()
    assert store.logins.code(nok.id, fresh[0], CIPHER, LOCKOUT).reviewer is not None
    store.second_factors.disable(nok.id, "cli")
    assert store.second_factors.codes_left(nok.id) == 0
    assert store.logins.password("nok", RIGHT, LOCKOUT).reviewer is not None


def test_recovery_codes_are_counted_renewed_and_removed_for_one_person(store: Store, nok: Reviewer) -> None:
    lek = store.users.create("lek", RIGHT, "เล็ก")
    codes = {
        row.id: store.second_factors.enable(row.id, SECRET, _code(), CIPHER, "cli") for row in (nok, lek)
    }
    assert store.logins.code(nok.id, codes[lek.id][0], CIPHER, LOCKOUT) == LoginStep()
    assert store.logins.code(nok.id, codes[nok.id][0], CIPHER, LOCKOUT).reviewer is not None
    assert [store.second_factors.codes_left(row.id) for row in (nok, lek)] == [9, 10]
    store.second_factors.renew_codes(nok.id, "cli")
    store.second_factors.disable(nok.id, "cli")
    assert [store.second_factors.codes_left(row.id) for row in (nok, lek)] == [0, 10]
    assert store.logins.code(lek.id, codes[lek.id][1], CIPHER, LOCKOUT).reviewer is not None


def test_with_another_secret_key_only_recovery_codes_work(store: Store, nok: Reviewer) -> None:
    codes = store.second_factors.enable(nok.id, SECRET, _code(-1), CIPHER, "cli")
    other = Cipher("x" * 40, "totp")
    step = store.logins.code(nok.id, _code(), other, LOCKOUT)
    assert (step.reviewer, step.unreadable) == (None, True)
    assert store.logins.code(nok.id, codes[0], other, LOCKOUT).reviewer is not None


def test_a_cipher_decrypts_only_its_own_texts() -> None:
    sealed = CIPHER.encrypt("รหัส")
    assert CIPHER.decrypt(sealed) == "รหัส"
    for other, text in ((Cipher("k" * 40, "x"), sealed), (CIPHER, sealed[:-4] + "AAA="), (CIPHER, "ก")):
        with pytest.raises(DecryptionFailed):
            other.decrypt(text)


def test_the_clock_may_be_one_step_off_and_no_more() -> None:
    at = now()
    codes = {steps: pyotp.TOTP(SECRET).at(at + timedelta(seconds=30 * steps)) for steps in (-2, -1, 0, 1, 2)}
    accepted = [steps for steps, code in codes.items() if step_of(SECRET, code, at) is not None]
    assert accepted == [-1, 0, 1]
    assert step_of(SECRET, f" {codes[0][:3]} {codes[0][3:]} ", at) is not None
