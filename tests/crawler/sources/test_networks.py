"""YouTube, X and TikTok in one plan, each against its API on loopback."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from labels.taxonomy import Platform as Where

from ..servers import tiktok, x, youtube
from ..servers.base import Platform
from ..servers.running import Ran, run_plan

pytestmark = pytest.mark.slow

PLAN = {
    "terms": {"words": ["ล้างตับ"], "taxonomy": ["weight_loss_claim"]},
    "sources": [
        {"source": "youtube", "terms": ["ล้างตับ"], "channels": ["@demo", "@unknown"], "comments": "author"},
        {"source": "x", "terms": "plan", "accounts": ["@demo_healer"]},
        {"source": "tiktok", "terms": ["ลดอ้วน", "ผอม"]},
        {"source": "tiktok_ads", "terms": ["เซรั่ม"], "country": "DE"},
    ],
}


@dataclass
class Crawl:
    youtube: Platform
    x: Platform
    tiktok: Platform
    ran: Ran

    def of(self, where: Where) -> dict[str | None, str]:
        return {listing.url: listing.text for listing in self.ran.listings if listing.platform is where}


def environment(a: Platform, b: Platform, c: Platform) -> dict[str, str]:
    return {
        "RUTHAN_YOUTUBE_KEY": youtube.KEY,
        "RUTHAN_YOUTUBE_API_URL": a.url,
        "RUTHAN_X_TOKEN": x.TOKEN,
        "RUTHAN_X_API_URL": b.url,
        "RUTHAN_TIKTOK_CLIENT_KEY": tiktok.KEY,
        "RUTHAN_TIKTOK_CLIENT_SECRET": tiktok.SECRET,
        "RUTHAN_TIKTOK_API_URL": c.url,
    }


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawl]:
    with youtube.serving_youtube() as a, x.serving_x() as b, tiktok.serving_tiktok() as c:
        ran = run_plan(tmp_path_factory.mktemp("networks"), PLAN, **environment(a, b, c))
        yield Crawl(a, b, c, ran)


def test_youtube_gives_whole_descriptions_and_the_channels_comments(crawl: Crawl) -> None:
    found = crawl.of(Where.YOUTUBE)
    assert set(found) == {
        "https://www.youtube.com/watch?v=vid00000001",
        "https://www.youtube.com/watch?v=vid00000002",
        "https://www.youtube.com/watch?v=vid00000001&lc=c1",
    }
    video = crawl.ran.about("สูตรคุณยาย")
    assert video.title == "สมุนไพรล้างตับ & ลดไขมัน"
    assert "👵 ล้างพิษตับใน 7 วัน\nราคาชุดละ 1,290 บาท" in video.description
    assert video.description.endswith("#ล้าง_ตับ #detox")
    assert (video.price, video.seller) == ("1290", "ช่องสุขภาพตัวอย่าง")
    assert video.images == ["https://i.ytimg.example/1/h.jpg"]
    assert video.extra["reach"] == 15000
    assert "1 gone" in crawl.ran.out
    assert "cannot crawl YouTube channel @unknown: no such channel" in crawl.ran.err


def test_x_gives_long_posts_whole_and_links_written_out(crawl: Crawl) -> None:
    found = crawl.of(Where.X)
    assert set(found) == {"https://x.com/demo_healer/status/1001", "https://x.com/i/status/1002"}
    post = crawl.ran.about("ยาผีบอก")
    assert post.text.endswith("ราคา 2,500 บาท #สมุนไพร")
    assert "t.co" not in "".join(found.values())
    assert "https://shop.example/fa" in found["https://x.com/i/status/1002"]
    assert post.images == ["https://pbs.example/1.jpg"]
    assert all(len(asked.query["query"]) <= 512 for asked in crawl.x.asked)


def test_tiktok_renews_its_token_and_reads_what_is_spoken(crawl: Crawl) -> None:
    videos = [x for x in crawl.ran.listings if x.extra.get("markup") == "tiktok-research-api"]
    assert {x.url for x in videos} == {
        "https://www.tiktok.com/@demo.slim/video/7301",
        "https://www.tiktok.com/@demo.tea/video/7302",
    }
    video = crawl.ran.about("สูตรเกาหลี")
    assert "다이어트 💊" in video.text
    assert "กินแล้วผอมแน่นอนภายในสามวัน" in video.text
    assert video.text.endswith("#หุ่นดี")
    assert crawl.tiktok.times["tokens"] == 3  # two sources, and one renewal
    ad = crawl.ran.about("เซรั่มหน้าใส")
    assert (ad.seller, ad.price) == ("บริษัทตัวอย่างความงาม", "350")


def test_requests_and_their_bodies_are_evidence_without_any_token(crawl: Crawl) -> None:
    assert crawl.ran.evidence_problems() == []
    assert any(b'"field_name": "keyword"' in x for x in crawl.ran.evidence())
    kept = crawl.ran.everything_kept()
    secrets = (youtube.KEY, x.TOKEN, tiktok.KEY, tiktok.SECRET, *tiktok.TOKENS)
    assert [secret for secret in secrets if secret.encode() in kept] == []


def test_refused_and_exhausted_sources_say_so_and_the_others_go_on(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    plan = {
        "sources": [
            {"source": "youtube", "terms": ["quota", "ล้างตับ"]},
            {"source": "x", "terms": ["ยา"]},
            {"source": "tiktok", "terms": ["ลดอ้วน"]},
            {"source": "tiktok_ads", "terms": ["เซรั่ม"]},
            {"source": "instagram", "accounts": ["skin.demo"]},
        ]
    }
    with youtube.serving_youtube() as a, x.serving_x() as b, tiktok.serving_tiktok() as c:
        env = environment(a, b, c) | {
            "RUTHAN_X_TOKEN": "expired-token-of-x",
            "RUTHAN_TIKTOK_CLIENT_SECRET": "wrong-secret",
        }
        ran = run_plan(tmp_path_factory.mktemp("refused"), plan, **env)
        assert len(b.asked) == 1  # asking again is in vain
        assert {x.path for x in c.asked} <= {
            "/v2/oauth/token/",
            "/v2/research/video/query/",
            "/v2/research/adlib/ad/query/",
        }
    assert ran.status == 1
    assert "YouTube search “quota”: the quota of the day is used up" in ran.err
    assert "renew RUTHAN_X_TOKEN" in ran.err
    assert "see RUTHAN_TIKTOK_CLIENT_KEY and _SECRET" in ran.err
    assert "RUTHAN_META_INSTAGRAM_USER not set" in ran.err
    assert "not or not wholly read: youtube, x, tiktok, tiktok_ads, instagram" in ran.err
    assert "Traceback" not in ran.err
    kept = ran.everything_kept()
    assert b"expired-token-of-x" not in kept
    assert b"wrong-secret" not in kept
