"""Saved views: whose they are, who sees them, and which one a person begins with."""

from service.store import Store
from service.store.audit.trail import AuditFilter
from service.store.tables.core_tables import Reviewer, Role


def people(store: Store) -> tuple[Reviewer, Reviewer]:
    """A lead and a reviewer."""
    lead = store.users.create("mali", "a long password", role=Role.LEAD)
    return lead, store.users.create("nok", "a long password")


def seen(store: Store, who: Reviewer) -> dict[str, tuple[bool, bool]]:
    """The views that a person sees: whether it is their own, and whether they begin with it."""
    return {view.name: (view.own, view.is_default) for view in store.views.of(who.id)}


def test_a_deleted_view_is_nobodys_default_and_the_other_defaults_stay(store: Store) -> None:
    mali, nok = people(store)
    team = store.views.save(mali, "ทีม", "a=1", shared=True, default=True)
    own = store.views.save(nok, "ของนก", "a=2", default=True)
    assert seen(store, mali) == {"ทีม": (True, True)}
    assert seen(store, nok) == {"ของนก": (True, True), "ทีม": (False, False)}
    assert not store.views.delete(nok, team)
    assert not store.views.delete(mali, own)
    assert store.views.delete(mali, team)
    assert seen(store, mali) == {}
    assert seen(store, nok) == {"ของนก": (True, True)}
    assert not store.views.delete(mali, team)


def test_only_a_lead_shares_and_only_a_view_of_their_own(store: Store) -> None:
    mali, nok = people(store)
    own, hers = store.views.save(nok, "ของนก", "a=2"), store.views.save(mali, "ของมะลิ", "a=1")
    assert not store.views.share(nok, own, True)
    assert not store.views.share(mali, own, True)
    assert not store.views.set_default(nok.id, hers)
    assert "ของมะลิ" not in seen(store, nok)
    for _ in range(2):
        assert store.views.share(mali, hers, True)
    assert store.views.set_default(nok.id, hers)
    assert seen(store, nok) == {"ของนก": (True, False), "ของมะลิ": (False, True)}
    store.views.delete(mali, hers)
    store.views.delete(nok, own)
    trail = store.audit.search(AuditFilter(actions=["view.*"]), 10)
    assert [entry.action for entry in trail] == ["view.share", "view.unshare"]
