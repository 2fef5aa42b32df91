from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher, Type

from service.store import NameTaken, Store
from service.store.accounts.users import generated_password
from service.store.database.errors import LastAdmin
from service.store.tables.core_tables import Reviewer, Role


def test_log_in_with_the_right_password_only(store: Store) -> None:
    row = store.users.create(" Somying ", "a long password", "สมหญิง", Role.LEAD)
    assert (row.name, row.display_name, row.role) == ("somying", "สมหญิง", "lead")
    assert "password" not in row.password_hash
    found = store.users.authenticate("SOMYING", "a long password")
    assert found is not None
    assert found.id == row.id
    assert store.users.authenticate("somying", "a long passwore") is None
    assert store.users.authenticate("nobody", "a long password") is None
    assert store.users.authenticate("somying", "x" * 1_000_000) is None


def test_disabled_accounts_are_shut(store: Store) -> None:
    row = store.users.create("a", "a long password")
    store.users.disable(row.id)
    assert store.users.authenticate("a", "a long password") is None
    assert store.users.get(row.id) is not None


def test_names_are_taken_whatever_their_case(store: Store) -> None:
    store.users.create("a", "a long password")
    with pytest.raises(NameTaken, match="exists already"):
        store.users.create("A", "a long password")


@pytest.mark.parametrize(
    ("name", "password"), [("", "a long password"), ("a\n", "x" * 9), ("a", "short"), ("a" * 101, "x" * 10)]
)
def test_bad_names_and_passwords_are_refused(store: Store, name: str, password: str) -> None:
    with pytest.raises(ValueError, match="characters"):
        store.users.create(name, password)


def test_a_new_password_replaces_the_old(store: Store) -> None:
    row = store.users.create("a", "a long password")
    store.users.set_password(row.id, "another password")
    assert store.users.authenticate("a", "a long password") is None
    assert store.users.authenticate("a", "another password") is not None


def test_generated_passwords_are_long_enough_and_different() -> None:
    assert len({generated_password() for _ in range(20)}) == 20
    assert len(generated_password()) >= 16


def test_two_admins_who_disable_each_other_at_once_leave_one(store: Store) -> None:
    pair = [store.users.create(name, "a long password", role=Role.ADMIN) for name in ("a", "b")]

    def disable(row: Reviewer) -> bool:
        try:
            store.users.disable(row.id)
        except LastAdmin:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(disable, pair)) == [False, True]
    assert [row.disabled_at is None for row in store.users.all()].count(True) == 1


def test_only_another_admin_who_can_log_in_frees_one_to_go(store: Store) -> None:
    last, gone = (store.users.create(name, "a long password", role=Role.ADMIN) for name in ("a", "b"))
    store.users.disable(gone.id)
    store.users.create("c", "a long password", role=Role.LEAD)
    store.users.invite("d", "ง", Role.ADMIN, "cli")
    with pytest.raises(LastAdmin):
        store.users.disable(last.id)
    store.users.disable(gone.id)  # who cannot log in is not the last one
    store.users.create("e", "a long password", role=Role.ADMIN)
    store.users.disable(last.id)


def test_links_end_for_one_account(store: Store) -> None:
    rows = [store.users.create(name, "a long password") for name in ("a", "b")]
    tokens = [store.password_links.make(row.id, "cli").token for row in rows]
    store.users.set_password(rows[0].id, "another password")
    assert store.password_links.use(tokens[0], "the first password") is None
    assert store.password_links.use(tokens[1], "the first password") is not None


def test_a_link_is_used_once_by_whoever_is_first(store: Store) -> None:
    row = store.users.create("a", "a long password")
    token = store.password_links.make(row.id, "cli").token
    found = store.password_links.find(token)
    assert found is not None
    assert found.id == row.id
    words = ["the first password", "the second password"]
    with ThreadPoolExecutor(2) as pool:
        used = list(pool.map(lambda word: store.password_links.use(token, word) is not None, words))
    assert sorted(used) == [False, True]
    assert store.password_links.find(token) is None
    assert store.users.authenticate("a", words[used.index(True)]) is not None


def test_passwords_are_hashed_at_the_cost_that_argon2_recommends(real_hasher: PasswordHasher) -> None:
    """RFC 9106, section 4: the second recommended option, for where memory is scarce."""
    assert (real_hasher.time_cost, real_hasher.memory_cost, real_hasher.parallelism) == (3, 2**16, 4)
    assert real_hasher.type is Type.ID
