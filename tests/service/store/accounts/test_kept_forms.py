"""A form that is kept while its sender logs in again is given back once, and to them alone."""

from service.store import Store
from service.store.accounts.kept_forms import MOST_OF_ONE


def test_a_form_is_given_back_once_to_its_sender_and_for_its_action(store: Store) -> None:
    nok, lek = (store.users.create(name, "a long password").id for name in ("nok", "lek"))
    older, newest, other, others = (
        store.kept_forms.keep(who, action, sealed) or ""
        for who, action, sealed in (
            (nok, "/a", "first"), (nok, "/a", "second"), (nok, "/b", "third"), (lek, "/a", "fourth")
        )
    )  # fmt: skip
    tokens = [older, newest, other, others]
    assert store.kept_forms.take([others], nok, "/a") is None
    assert store.kept_forms.take(tokens, nok, "/a") == (newest, "second")
    assert store.kept_forms.take(tokens, nok, "/a") is None
    assert not store.kept_forms.waits([older, newest])
    assert store.kept_forms.take(tokens, lek, "/a") == (others, "fourth")
    assert store.kept_forms.take([other], nok, "/b") == (other, "third")


def test_keeping_many_forms_drops_the_oldest_of_the_same_person(store: Store) -> None:
    nok, lek = (store.users.create(name, "a long password").id for name in ("nok", "lek"))
    hers = store.kept_forms.keep(lek, "/a", "hers") or ""
    tokens = [store.kept_forms.keep(nok, "/a", str(number)) or "" for number in range(MOST_OF_ONE + 2)]
    assert [token for token in tokens if store.kept_forms.waits([token])] == tokens[2:]
    assert store.kept_forms.waits([hers])
