"""A split parts no family, keeps every record, and does not depend on order."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels.dataset.near_duplicates import near_duplicate_pairs
from labels.dataset.shipped import Split
from labels.dataset.splits import SHARES, BridgeError, families, split
from labels.schema import Annotation
from labels.taxonomy import Platform, ProductClass

# Letters that no two words share, so that records are alike only where a test wants it.
WORDS = ["".join(random.Random(n).sample("กขคงจชซญฎฏฐฑณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ", 30)) for n in range(40)]
KINDS = list(ProductClass)


def record(n: int, group: str | None = None, text: str | None = None) -> Annotation:
    return Annotation(
        id=f"r-{n:03}",
        platform=Platform.FACEBOOK,
        product_class=KINDS[n % 3],
        offer=n % 4 != 0,
        text=text or WORDS[n],
        group=group,
    )


GROUPS = st.lists(st.sampled_from([None, None, "a", "b", "c"]), min_size=1, max_size=20)
COPIES = st.lists(st.integers(0, 5), max_size=5)


@settings(max_examples=25, deadline=None)
@given(GROUPS, COPIES, st.integers(0, 3), st.randoms(use_true_random=False))
def test_no_family_is_parted_in_any_order(
    groups: list[str | None], copies: list[int], seed: int, chance: random.Random
) -> None:
    records = [record(n, group) for n, group in enumerate(groups)]
    records += [record(20 + n, text=WORDS[of] + f" {n}!") for n, of in enumerate(copies)]
    parts = split(records, seed)
    assert sorted(r.id for part in parts.values() for r in part) == sorted(r.id for r in records)
    where = {r.id: part for part, found in parts.items() for r in found}
    for group in {r.group for r in records} - {None}:
        assert len({where[r.id] for r in records if r.group == group}) == 1
    for i, j in near_duplicate_pairs([r.text for r in records]):
        assert where[records[i].id] == where[records[j].id]
    shuffled = list(records)
    chance.shuffle(shuffled)
    assert split(shuffled, seed) == parts


def test_a_chain_is_one_family() -> None:
    # 0 and 1 share a group, 1 and 2 a text, 2 and 3 a group.
    records = [record(0, "a"), record(1, "a"), record(2, "b", WORDS[1] + " 2"), record(3, "b"), record(4)]
    assert sorted(map(sorted, families(records))) == [[0, 1, 2, 3], [4]]


def test_shares_are_kept_and_the_seed_matters() -> None:
    records = [record(n) for n in range(40)]
    parts = split(records)
    for part, share in SHARES.items():
        assert abs(len(parts[part]) - 40 * share) <= 2
    assert split(records, seed=1) != parts


def test_nothing_to_split() -> None:
    assert split([]) == {part: [] for part in Split}


def test_added_records_leave_the_others_where_they_are() -> None:
    old = [record(n) for n in range(20)]
    before = split(old)
    kept = {r.id: part for part, found in before.items() for r in found}
    kin = record(30, text=WORDS[int(before[Split.TEST][0].id[2:])] + " 7!")
    parts = split([*old, kin, *(record(n) for n in range(20, 30))], kept=kept)
    assert kin in parts[Split.TEST]
    for part, found in before.items():
        assert {r.id for r in found} <= {r.id for r in parts[part]}
    assert sum(map(len, parts.values())) == 31


def test_a_record_that_would_bridge_two_splits_is_refused() -> None:
    old = [record(0, "a"), record(1, "b")]
    bridge = [record(2, "a", WORDS[5]), record(3, "b", WORDS[5] + " 1")]
    with pytest.raises(BridgeError, match=r"r-002.*r-003|r-003.*r-002"):
        split([*old, *bridge], kept={"r-000": Split.TRAIN, "r-001": Split.TEST})
