"""Plans: errors are reported with their line, and a dry run fetches nothing."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from crawler.commands import crawl
from crawler.plan.reading import PlanError, load_plan
from crawler.plan.running import sources_of
from crawler.plan.terms import confirmed_terms, taxonomy_terms
from labels.schema import Annotation, Span
from labels.taxonomy import ClaimLabel, Platform, ProductClass

GOOD = """\
terms:
  words: [ยาผีบอก, ลดอ้วนด่วน]
  taxonomy: [weight_loss_claim]
  files: [more.txt]
stop:
  - own-shop.example
  - https://shop.example/robots.txt
sources:
  - source: shop
    name: ร้านสมุนไพร
    urls: [https://shop.example/]
  - source: youtube
    terms: plan
    channels: ["@demo"]
    budget: 5000
  - source: files
    folder: inbox
  - source: x
    enabled: false
    terms: [ยา]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    (folder / "more.txt").write_text("# kept by hand\nน้ำมันเทพ\nยาผีบอก\n", encoding="utf-8")
    return path


def test_a_plan_with_its_terms(tmp_path: Path) -> None:
    plan = load_plan(written(tmp_path, GOOD))
    assert [x.label for x in plan.enabled] == ["ร้านสมุนไพร", "youtube", "files"]
    terms = plan.sources[1].terms  # type: ignore[union-attr]
    assert terms[:2] == ["ยาผีบอก", "ลดอ้วนด่วน"]
    assert "ลดไขมันส่วนเกิน" in terms
    assert terms[-1] == "น้ำมันเทพ"
    assert plan.sources[2].folder == str(tmp_path / "inbox")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "sources:\n  - source: shop\n    urls: [shop.example]\n",
            ":3: sources.0.urls.0: is no address: write it whole, such as https://",
        ),
        (
            "sources:\n  - source: shop\n    url: [https://a.example]\n",
            ":3: sources.0.url: no such key here; did you mean urls?",
        ),
        (
            "sources:\n  - source: shop\n    urls: https://a.example\n",
            ":3: sources.0.urls: must be a list: write [VALUE]",
        ),
        ("sources: shop\n", ":1: sources: must be a list"),
        ("sources: [shop]\n", ":1: sources.0: must be a mapping"),
        ("stops: []\nsources: []\n", ":1: stops: no such key here; did you mean stop?"),
        ("terms: {wordz: []}\nsources: []\n", ":1: terms.wordz: no such key here; did you mean words?"),
        ("terms: {xyz: []}\nsources: []\n", "known are words, taxonomy, files, limit"),
        ("sources:\n  - source: shops\n", ":2: sources.0.source: names no source; did you mean shop?"),
        (
            "sources:\n\t- source: shop\n",
            "line 2, column 1: found character '\\t' that cannot start any token: YAML is",
        ),
        ("sources:\n  - source: x\n   terms: [a]\n", "is it indented like the lines around it?"),
        ("stop: [@demo]\n", "put the value in quotes"),
        (
            "stop: [own.example, shop.example/blog]\nsources: []\n",
            ":1: stop.1: is neither a host nor an address nor an account: write an address whole, such as "
            "https://shop.example/blog",
        ),
        ("stop: [shop.example:8080]\nsources: []\n", ":1: stop.0: is neither a host nor an address"),
        ("stop: ['https://']\nsources: []\n", ":1: stop.0: is neither a host nor an address"),
        ("stop: ['ftp://shop.example/a']\nsources: []\n", ":1: stop.0: is neither a host nor an address"),
        ("sources:\n  - source: shop\n", ":2: sources.0: names nothing to watch: give urls or pages"),
        ("sources:\n  - source: bigbook\n    x: 1\n", "sources.0.source: names no source; known are shop, "),
        ("sources:\n  - urls: []\n", "sources.0.source: is missing"),
        ("sources: []\n", ":1: sources: List should have at least 1 item"),
        ("stop: []\n", "sources: is missing"),
        ("- a\n", "a plan is a mapping"),
        ("", "a plan is a mapping"),
        ("sources:\n  - source: x\n    terms: [a\n", "line 4, column 1"),
        ("sources:\n  - source: x\n    source: y\n", "line 3: 'source' appears twice"),
        (
            "sources:\n  - source: x\n    terms: [ยา]\n  - source: x\n    terms: [ชา]\n",
            "two sources are called x",
        ),
        ("sources:\n  - source: x\n    terms: plan\n", ":3: terms: plan, but the plan names no terms"),
        (
            "terms:\n  files: [gone.txt]\nsources:\n  - source: x\n    terms: plan\n",
            ":2: terms.files: cannot read gone.txt",
        ),
        (
            "terms:\n  taxonomy: [nonsense]\nsources:\n  - source: x\n    terms: plan\n",
            ":2: terms.taxonomy.0: Input should be",
        ),
        (
            "sources:\n  - source: tiktok\n    terms: [a]\n    days: 90\n",
            ":4: sources.0.days: Input should be less than or equal to 30",
        ),
        (
            "sources:\n  - source: shopee\n    shops: [my-shop]\n",
            ":3: sources.0.shops.0: is no shop id: it has digits only",
        ),
        ("sources:\n  - source: shopee\n    shops: [true]\n", ":3: sources.0.shops.0: Input should be"),
        ("sources:\n  - source: lazada\n    shops: []\n", ":3: sources.0.shops: List should have at least"),
        ("sources:\n  - source: tiktok_shop\n", ":2: sources.0.shops: is missing"),
        (
            "sources:\n  - source: line_shopping\n    shops: [demo]\n",
            ":3: sources.0.shops.0: is no LINE account",
        ),
        ("a: &a [*a]\n", "line 1"),
        ("sources: !!python/object:os.system x\n", "line 1"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(PlanError) as caught:
        load_plan(written(tmp_path, text))
    assert told in str(caught.value)
    assert "plan.yaml" in str(caught.value)


def test_hosts_addresses_and_accounts_may_be_on_the_stop_list(tmp_path: Path) -> None:
    named = [
        "ร้าน.ไทย",
        "shop.example/",
        "https://shop.example/สินค้า",
        "@demo",
        "UC1",
        "ร้านยา/สมุนไพร",
        "ร้าน ก.",
    ]
    text = f"stop: {json.dumps(named, ensure_ascii=False)}\nsources:\n  - {{source: x, terms: [ยา]}}\n"
    assert load_plan(written(tmp_path, text)).stop == named


def invoke(*args: str, key: str = "", obj: object = None) -> Result:
    return CliRunner(env={"RUTHAN_YOUTUBE_KEY": key}).invoke(crawl, list(args), obj=obj)


def test_a_dry_run_says_what_it_would_fetch_and_fetches_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*args: object) -> None:
        raise AssertionError("a dry run opened a connection")

    monkeypatch.setattr("socket.socket.connect", no_network)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "a.csv").write_text("title\nx\n")
    path = written(tmp_path, GOOD)
    result = invoke("--plan", str(path), "--dry-run", key="AIza-fictitious-dry-run")
    assert result.exit_code == 0, result.output
    assert "ร้านสมุนไพร (shop)\n  https://shop.example/\n" in result.output
    assert "youtube (youtube, 5000 of 5000 left of today's budget)" in result.output
    assert "GET https://www.googleapis.com/youtube/v3/search?part=snippet" in result.output
    assert "… and" in result.output
    assert f"file {tmp_path}/inbox/a.csv" in result.output
    assert "x (x): switched off" in result.output
    assert "never fetched: own-shop.example, https://shop" in result.output
    assert result.output.count("(held back: https://shop.example/robots.txt is on the stop list)") == 1
    assert "fictitious" not in result.output
    assert {x.name for x in tmp_path.iterdir()} == {"plan.yaml", "more.txt", "inbox"}
    without = invoke("--plan", str(path), "--dry-run")
    assert without.exit_code == 1
    assert "! RUTHAN_YOUTUBE_KEY not set: docs/crawler/access.md" in without.output


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--dry-run",), "--dry-run needs --plan"),
        (("https://a.example", "--plan", "plan.yaml"), "give one of"),
        (("--plan", "plan.yaml"), ":1: sources: is missing"),
    ],
)
def test_bad_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "stop: []\n")
    result = invoke(*args)
    assert result.exit_code == 2
    assert message in result.output


def test_ids_of_shops_may_be_written_as_numbers(tmp_path: Path) -> None:
    plan = load_plan(written(tmp_path, "sources:\n  - source: shopee\n    shops: [600001, '600002']\n"))
    assert plan.sources[0].shops == ["600001", "600002"]  # type: ignore[union-attr]


def test_no_two_sources_share_a_job_folder(tmp_path: Path) -> None:
    names = ["ร้านก", "ร่านก", "ร้าน ก", "ร้าน/ก", "ร้าน_ก", "a.b", "a b", "..", ".", "ย" * 400, "ย" * 399]
    text = "sources:\n" + "".join(f"  - {{source: x, name: '{name}', terms: [ยา]}}\n" for name in names)
    sources = sources_of(load_plan(written(tmp_path, text)), tmp_path / "job")
    folders = [Path(x.settings["JOBDIR"]) for x in sources]
    assert len(set(folders)) == len(names)
    for folder in folders:
        folder.mkdir(parents=True)
        assert folder.parent == tmp_path / "job"
    assert folders[0].name == "ร้านก"


def annotation(text: str, *spans: tuple[int, int]) -> Annotation:
    found = [Span(start=a, end=b, label=ClaimLabel.WEIGHT_LOSS) for a, b in spans]
    return Annotation(
        id="r", platform=Platform.X, product_class=ProductClass.FOOD, offer=True, text=text, spans=found
    )


def test_terms_from_confirmed_claims(tmp_path: Path) -> None:
    records = [
        annotation("ผอมไวใน 3 วัน ยา", (0, 13)),
        annotation("ผอมไวใน 3  วัน", (0, 14)),
        annotation("ล้างพิษตับ", (0, 10)),
    ]
    assert confirmed_terms(records) == ["ผอมไวใน 3 วัน", "ล้างพิษตับ"]
    providers = SimpleNamespace(reviewed=lambda database: (records, {}))
    result = invoke("--write-terms", str(tmp_path / "terms.txt"), obj=providers)
    assert result.output.startswith("2 terms written")
    assert "ล้างพิษตับ" in (tmp_path / "terms.txt").read_text(encoding="utf-8")


def test_terms_from_the_taxonomy_can_be_searched_for() -> None:
    terms = taxonomy_terms(ClaimLabel)
    assert len(terms) > 100
    assert all(5 <= len(x) <= 60 and "…" not in x for x in terms)
