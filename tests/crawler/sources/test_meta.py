"""Facebook, Instagram and the Ad Library, against a Graph API on loopback."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from labels.taxonomy import Platform as Where

from ..servers.base import Platform
from ..servers.graph import OTHER_TOKEN, TOKEN, serving_graph
from ..servers.running import Ran, run_plan

pytestmark = pytest.mark.slow

PLAN = {
    "terms": {"words": ["หน้าเด้ง"]},
    "sources": [
        {"source": "facebook", "pages": ["baandoi", "deleted-page"], "comments": "all"},
        {"source": "instagram", "accounts": ["@skin.demo"], "hashtags": ["#สมุนไพรไทย"]},
        {"source": "meta_ads", "terms": "plan"},
    ],
}


@dataclass
class Crawl:
    graph: Platform
    ran: Ran


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawl]:
    with serving_graph() as graph:
        env = {
            "RUTHAN_META_TOKEN": TOKEN,
            "RUTHAN_META_API_URL": graph.url,
            "RUTHAN_META_INSTAGRAM_USER": "178",
        }
        ran = run_plan(tmp_path_factory.mktemp("meta"), PLAN, **env)
        yield Crawl(graph, ran)


def test_posts_of_all_pages_of_the_list_arrive(crawl: Crawl) -> None:
    facebook = {
        x.url for x in crawl.ran.listings if x.platform is Where.FACEBOOK and x.extra["kind"] == "post"
    }
    assert facebook == {f"https://www.facebook.com/100200/posts/{n}" for n in (1, 3)}
    post = crawl.ran.about("ไม่โยโย่")
    assert post.title is None
    assert "🔥🔥" in post.text
    assert "#ลดน้ำหนัก #หุ่นดี" in post.text
    assert "แคปซูลหุ่นเพรียว\nโปรเดือนนี้" in post.text
    assert "@baandoi-demo 💚" in post.text  # the page's own comment
    assert (post.price, post.currency) == ("590", "THB")
    assert post.seller == "ร้านสมุนไพรบ้านดอย"
    assert len(post.images) == 2
    assert post.extra["hashtags"] == ["ลดน้ำหนัก", "หุ่นดี"]
    assert "草药茶 ☕️ #tea" in crawl.ran.about("Herbal").text


def test_comments_of_others_are_listings_without_a_name(crawl: Crawl) -> None:
    comment = crawl.ran.about("我也想买")
    assert comment.extra["kind"] == "comment"
    assert comment.seller is None
    assert "ชื่อพลเมือง" not in "".join(x.model_dump_json() for x in crawl.ran.listings)


def test_instagram_accounts_and_hashtags(crawl: Crawl) -> None:
    found = {x.url: x for x in crawl.ran.listings if x.platform is Where.INSTAGRAM}
    assert set(found) == {f"https://www.instagram.com/p/{x}/" for x in ("ONE", "TWO", "TAGGED")}
    one = found["https://www.instagram.com/p/ONE/"]
    assert one.seller == "ผิวสวยตัวอย่าง"
    assert one.price == "390"
    assert len(one.images) == 2
    assert one.extra["reactions"] == {"likes": 12}


def test_an_advert_of_the_library_has_a_public_address(crawl: Crawl) -> None:
    ad = crawl.ran.about("ครีมหน้าเด้ง ของแท้")
    assert ad.url == "https://www.facebook.com/ads/library/?id=900100"
    assert ad.title == "ครีมหน้าเด้ง"
    assert ad.seller == "บิวตี้ตัวอย่าง"
    limits = [x.query["limit"] for x in crawl.graph.asked if x.path.endswith("ads_archive")]
    assert limits[:2] == ["100", "50"]  # asked for less when told to
    assert crawl.graph.asked[0].headers["user-agent"].startswith("Ruthan/")


def test_what_fails_is_told_and_stops_nothing_else(crawl: Crawl) -> None:
    assert crawl.ran.status == 1
    assert "cannot crawl Facebook page deleted-page" in crawl.ran.err
    assert "not or not wholly read: facebook" in crawl.ran.err
    assert "instagram: " in crawl.ran.out
    assert "Traceback" not in crawl.ran.err


def test_the_rate_limit_and_the_gateway_page_were_waited_out(crawl: Crawl) -> None:
    assert crawl.graph.times == {"limit": 2, "gateway": 2}


def test_no_token_is_kept_anywhere(crawl: Crawl) -> None:
    assert crawl.ran.evidence_problems() == []
    kept = crawl.ran.everything_kept()
    assert b"REDACTED" in kept
    for spelling in (TOKEN, TOKEN.replace("|", "%7C"), OTHER_TOKEN, "meta+token", "meta%2Btoken"):
        assert spelling.encode() not in kept
    requests = [x for x in crawl.ran.evidence() if b"WARC-Type: request" in x]
    assert requests
    assert all(b"Authorization: REDACTED" in x for x in requests)
    assert any(b"Ruthan-Redacted: access tokens" in x for x in crawl.ran.evidence())
