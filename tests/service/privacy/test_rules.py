from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.privacy.rules import (
    ACTIONS,
    EVENTS,
    Action,
    Age,
    DataKind,
    RulesError,
    digest,
    load_rules,
    parse_rules,
)
from service.privacy.targets import TARGETS

GOOD = """
[[rule]]
name = "old"
what = "undecided-listings"
after = "24 months"
since = "last_seen"
action = "delete"
"""


def test_the_shipped_rules_are_read_and_speak_about_everything_once() -> None:
    rules = load_rules()
    assert [rule.what for rule in rules] == list(DataKind)
    assert set(TARGETS) == set(EVENTS) == set(ACTIONS) == set(DataKind)


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (Age(amount=90, unit="day"), datetime(2026, 1, 30, 7, tzinfo=UTC)),
        (Age(amount=2, unit="month"), datetime(2026, 2, 28, 7, tzinfo=UTC)),
        (Age(amount=16, unit="month"), datetime(2024, 12, 30, 7, tzinfo=UTC)),
        (Age(amount=5, unit="year"), datetime(2021, 4, 30, 7, tzinfo=UTC)),
    ],
)
def test_ages_are_counted_by_the_calendar(age: Age, expected: datetime) -> None:
    assert age.before(datetime(2026, 4, 30, 7, tzinfo=UTC)) == expected


def test_a_leap_day_gives_way_to_the_day_before() -> None:
    assert Age(amount=1, unit="year").before(datetime(2028, 2, 29, tzinfo=UTC)).day == 28


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("24 months", "24 weeks"), "90 days"),
        (("24 months", "0 days"), "greater than or equal to 1"),
        (("last_seen", "decided_at"), "first_seen or last_seen"),
        (("undecided-listings", "evidence"), "counted since captured_at"),
        (('"delete"', '"burn"'), "action"),
        (('name = "old"', 'name = "Old one"'), "name"),
        (('action = "delete"', 'action = "delete"\nverdicts = ["fine"]'), "verdicts"),
        (("[[rule]]", "[[rules]]"), r"\[\[rule\]\]"),
        ((GOOD, ""), r"\[\[rule\]\]"),
        ((GOOD, GOOD + GOOD), "two rules are called old"),
        (('action = "delete"', 'action = "delete"\nverdict = "clear"'), "verdict"),
    ],
)
def test_a_bad_rule_is_refused_with_what_to_write(change: tuple[str, str], says: str) -> None:
    with pytest.raises(RulesError, match=says):
        parse_rules(GOOD.replace(*change))


def test_evidence_cannot_be_redacted_and_accounts_not_deleted() -> None:
    for what, action in ((DataKind.EVIDENCE, Action.REDACT), (DataKind.LOCKS, Action.DELETE)):
        text = GOOD.replace("undecided-listings", what).replace("last_seen", EVENTS[what][0])
        with pytest.raises(RulesError, match="the action can only be"):
            parse_rules(text.replace('"delete"', f'"{action}"'))


def test_files_that_cannot_be_read_say_so(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="No such file"):
        load_rules(tmp_path / "none.toml")
    (tmp_path / "broken.toml").write_text("[[rule]\n")
    with pytest.raises(RulesError, match=r"broken\.toml"):
        load_rules(tmp_path / "broken.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    with pytest.raises(RulesError, match=r"bytes\.toml"):
        load_rules(tmp_path / "bytes.toml")


def test_the_digest_is_of_what_the_rules_say() -> None:
    assert digest(parse_rules(GOOD)) == digest(parse_rules("# words\n" + GOOD))
    assert digest(parse_rules(GOOD)) != digest(parse_rules(GOOD.replace("24", "25")))


def test_the_document_names_what_rules_can_say() -> None:
    text = (Path(__file__).parents[3] / "docs" / "privacy.md").read_text(encoding="utf-8")
    for what, events in EVENTS.items():
        (row,) = [line for line in text.splitlines() if line.startswith(f"| `{what}` |")]
        assert all(f"`{event}`" in row for event in events)
        assert all(f"`{action}`" in row for action in ACTIONS[what])
