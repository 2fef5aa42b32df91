"""A bulk decision is sampled once for second looks; standing orders follow the settlement."""

from typing import Any

from labels.taxonomy import Verdict
from service.campaigns.basis import follow
from service.campaigns.grouping import group
from service.campaigns.planning import plan
from service.store.campaigns.bulks import Spreading
from service.store.cases.reviews import Decision
from service.store.second_look.second_looks import Settlement
from service.store.tables.core_tables import WITHDRAWN

PROHIBITED, CLEAR = Verdict.PROHIBITED.value, Verdict.CLEAR.value
TEXT = "รักษาเบาหวาน หายขาด สั่งวันนี้แถมฟรีหนึ่งกระปุก ส่งทั่วประเทศ เก็บเงินปลายทาง สนใจทักแชตร้านได้เลย"


def bulk(team: Any) -> tuple[list[int], int]:
    """Three near-duplicates that nok decides in one press that spreads; a fourth joins later."""
    numbers = [team.add(name, f"{TEXT} {name}") for name in "abc"]
    group(team.store)
    campaign = team.store.campaigns.of(numbers[0])
    reference = team.store.campaigns.member(campaign.id, numbers[0])
    nok = team.people["nok"].id
    made = plan(team.store, campaign.id, reference, Decision(PROHIBITED, (0,)), nok)
    chosen = made.chosen([(m.listing.id, m.assessment_id, m.last_review) for m, _ in made.fits])
    assert len(chosen) == 2
    team.store.bulks.decide(
        campaign.id,
        nok,
        made.made,
        made.origin,
        chosen,
        made.basis,
        Spreading(made.after_member, (), follow),
    )
    numbers.append(team.add("d", f"{TEXT} d"))
    group(team.store)
    return numbers, campaign.id


def test_of_a_bulk_decision_the_case_that_was_read_is_drawn(team: Any) -> None:
    numbers, _ = bulk(team)
    assert len(team.store.decisions.after()) == 4
    assert team.deal().looks == 1
    assert team.blind("lek") == {numbers[0]}


def test_a_settlement_against_the_order_takes_back_what_it_spread(team: Any) -> None:
    numbers, _ = bulk(team)
    team.deal()
    team.read("lek", numbers[0], CLEAR)
    # The reading alone changes nothing.
    assert team.store.reviews.history(numbers[3])[0].review.decision == PROHIBITED
    (found,) = team.store.second_looks.disagreements()
    team.store.second_looks.settle(
        found.look.id,
        team.people["mali"].id,
        Settlement.SECOND,
        team.assessment_of(numbers[0]),
        Decision(CLEAR, (), (0,)),
    )
    assert team.store.reviews.history(numbers[3])[0].review.decision == WITHDRAWN
