"""The list of designated marketplaces: complete, sourced, and marked where it is not confirmed."""

from datetime import UTC, datetime, timedelta

from labels.marketplaces.designated import DutyKind, designated


def test_nineteen_marketplaces_were_named_first_and_two_later() -> None:
    found = designated()
    by = [item.instrument.id for item in found.marketplaces.values()]
    assert (by.count("first"), len(by)) == (19, 21)
    assert all(item.instrument.sources for item in found.marketplaces.values())
    assert all(rule.sources for rule in found.duties.values())
    assert found.unconfirmed
    hosts = [host for item in found.marketplaces.values() for host in item.hosts]
    assert len(hosts) == len(set(hosts))


def test_a_page_belongs_to_a_marketplace_by_its_host_alone() -> None:
    one = next(item for item in designated().marketplaces.values() if item.hosts)
    host = one.hosts[0]
    for url in (f"https://{host}/x", f"https://www.{host.upper()}/x", f"https://m.{host}"):
        assert designated().marketplace_of(url) == one, url
    for other in (f"https://not{host}/x", f"https://shop.example/{host}", "ไม่ใช่ที่อยู่", "http://[", None):
        assert designated().marketplace_of(other) is None, other


def test_nothing_is_due_under_rules_that_were_not_in_force() -> None:
    begin = datetime(2025, 12, 30, 17, tzinfo=UTC)  # midnight in Bangkok
    rule = designated().duties[DutyKind.NOTICE]
    assert designated().due_at(DutyKind.NOTICE, begin) == begin + rule.within
    assert designated().due_at(DutyKind.NOTICE, begin - timedelta(seconds=1)) is None
