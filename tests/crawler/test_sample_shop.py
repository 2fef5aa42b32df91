"""The sample shop: its catalogue, its registry, its pages, and how it answers over HTTP."""

import csv
import json
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import pytest
from lxml import etree, html  # type: ignore[import-untyped]

from crawler.sample_shop import RunningShop, SampleProduct, products, registry_path, render, serve
from crawler.sample_shop.catalogue import Markup, products_in, shop
from labels.schema import LicenceKind
from labels.taxonomy import ProductClass, Verdict
from service.store.pictures.files import read_header
from tests.helpers.every import every

THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
NUMBER = re.compile(
    r"(?<!\d)\d{2}-\d{1,6}-\d{3,10}(?:-\d-\d{4})?(?!\d)|\d{2}-\d-\d-\d-\d{7}|\d{1,5}/\d{2,4}(?!\d)"
)
PRODUCTS = {p.slug: p for p in products()}


def text_of(item: SampleProduct) -> str:
    return f"{item.name}\n{item.description}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    render(folder, "http://shop.test")
    return folder


@pytest.fixture(scope="module")
def running() -> Iterator[RunningShop]:
    with serve() as found:
        yield found


def page(site: Path, item: SampleProduct) -> html.HtmlElement:
    return html.document_fromstring((site / item.path).read_bytes())


def json_ld_texts(document: html.HtmlElement) -> list[str]:
    return [str(x) for x in document.xpath("//script[@type='application/ld+json']/text()")]


def get(url: str) -> tuple[int, str, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, "", b""


# The catalogue


def test_the_catalogue_is_varied() -> None:
    verdicts = Counter(p.expected for p in products())
    assert len(products()) >= 32
    assert verdicts[Verdict.PROHIBITED] / len(products()) == pytest.approx(0.5, abs=0.08)
    assert verdicts[Verdict.CLEAR] * 3 >= len(products())
    assert verdicts[Verdict.NEEDS_PERMIT] >= 3
    assert len({p.slug for p in products()}) == len({p.sku for p in products()}) == len(products())
    missing = set(ProductClass) - {p.product_class for p in products()} - {ProductClass.HEALTH_SERVICE}
    assert not missing


def test_every_awkward_case_has_its_page() -> None:
    assert {p.case for p in products() if p.case} == {
        "banner_only",
        "borrowed_number",
        "broken_json_ld_comma",
        "broken_json_ld_newline",
        "cancelled_number",
        "clean_licensed",
        "evasion_invisible",
        "evasion_spaces",
        "hostile_markup",
        "json_ld_graph",
        "long_description",
        "microdata",
        "no_structured_data",
        "open_graph",
        "robots_disallowed",
        "thai_digits",
        "warnings_only",
        "windows_874",
    }
    assert {p.markup for p in products()} == set(Markup)
    assert len(PRODUCTS["lam-sabai-detox-fibre"].description) > 3000
    assert "\u200b" in PRODUCTS["dao-phrai-gluta"].description
    assert "๗๐-๑-๐๑๒๖๕-๕-๐๐๐๗" in PRODUCTS["keng-kid-omega-kids"].description


def test_every_product_stands_in_a_second_level_category_that_is_not_empty() -> None:
    for item in products():
        assert shop().category(item.category).path != shop().category(item.category).top
    for category in shop().categories:
        assert products_in(category.path), category.path
    assert len(shop().tops()) >= 5


# The registry


@pytest.fixture(scope="module")
def registry() -> dict[str, dict[str, str]]:
    first, *lines = registry_path().read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r"# snapshot: \d{4}-\d{2}-\d{2}", first)
    rows = list(csv.DictReader(lines))
    assert list(rows[0]) == ["number", "kind", "product_name", "holder", "status"]
    assert len({row["number"] for row in rows}) == len(rows)
    return {row["number"]: row for row in rows}


def test_registry_kinds_and_statuses_are_known(registry: dict[str, dict[str, str]]) -> None:
    for row in registry.values():
        assert LicenceKind(row["kind"]) is not LicenceKind.AMBIGUOUS
        assert row["status"] in ("active", "cancelled")
        assert row["product_name"]
        assert row["holder"]


def test_numbers_stand_in_the_registry_or_are_meant_not_to(registry: dict[str, dict[str, str]]) -> None:
    def check(item: SampleProduct) -> None:
        text = text_of(item).translate(THAI_DIGITS)
        for number in (*item.numbers, *item.unregistered):
            assert number in text
        assert not set(item.numbers) - set(registry)
        assert not set(item.unregistered) & set(registry)
        declared = " ".join((*item.numbers, *item.unregistered))
        undeclared = [n for n in NUMBER.findall(text) if n not in declared]
        assert [n for n in undeclared if not re.fullmatch(r"\d\d/\d{4}", n)] == []  # an expiry date

    every(zip(products()), check)


def test_cancelled_and_borrowed_numbers(registry: dict[str, dict[str, str]]) -> None:
    cancelled = {p.slug for p in products() if any(registry[n]["status"] == "cancelled" for n in p.numbers)}
    assert cancelled == {"khao-krachao-collagen-type2"}
    borrower, owner = PRODUCTS["seven-bai-slim"], PRODUCTS["khao-tang-jeh-noi"]
    assert borrower.numbers == owner.numbers
    assert owner.brand in registry[owner.numbers[0]]["product_name"]
    assert borrower.brand not in registry[owner.numbers[0]]["product_name"]
    for item in products():
        if item is not borrower:
            assert all(
                item.brand in registry[number]["product_name"].replace(" ", "") for number in item.numbers
            )


# The rendered pages


def test_render_writes_every_page_once(tmp_path: Path) -> None:
    written = render(tmp_path)
    assert len(written) == len(set(written))
    assert {p for p in tmp_path.rglob("*") if p.is_file()} == set(written)
    assert len([p for p in written if p.parent.name == "product"]) >= 25
    for item in products():
        assert tmp_path / item.path in written
        drawn = (tmp_path / item.image_path).read_bytes()
        assert read_header(drawn)[0] == "image/png" if item.banner else etree.fromstring(drawn) is not None


def test_render_is_repeatable(tmp_path: Path) -> None:
    first = {p: p.read_bytes() for p in render(tmp_path)}
    assert {p: p.read_bytes() for p in render(tmp_path)} == first


def test_categories_show_six_a_page(site: Path) -> None:
    for category in shop().categories:
        inside = products_in(category.path)
        seen: list[str] = []
        file = site / "category" / category.path / "index.html"
        while True:
            document = html.document_fromstring(file.read_bytes())
            cards = [str(x) for x in document.xpath("//main//li[@class='card']/a/@href")]
            assert 1 <= len(cards) <= 6
            seen += cards
            onward = document.xpath("//a[@rel='next']/@href")
            if not onward:
                break
            file = site / str(onward[0]).lstrip("/")
        assert seen == [f"/{p.path}" for p in inside]
    assert len(products_in("supplement")) > 12, "three pages at least"


def test_the_page_shows_what_is_for_sale(site: Path) -> None:
    def check(item: SampleProduct) -> None:
        document = page(site, item)
        assert document.xpath("string(//h1)") == item.name
        assert str(document.xpath("string(//div[@class='description'])")) == item.description
        assert f"฿{item.price:,}" in document.text_content()
        assert document.xpath("string(//span[@class='seller-name'])") == item.seller
        assert "แต่งขึ้น" in document.xpath("string(//footer)")

    every(zip(products()), check)


def test_json_ld_is_a_schema_org_product(site: Path) -> None:
    def check(item: SampleProduct) -> None:
        (text,) = json_ld_texts(page(site, item))
        node = json.loads(text)
        assert node["@context"] == "https://schema.org"
        assert node["@type"] == "Product"
        assert (node["name"], node["description"]) == (item.name, item.description)
        assert node["offers"]["price"] == f"{item.price}.00"
        assert node["offers"]["priceCurrency"] == "THB"
        assert node["offers"]["seller"]["name"] == item.seller
        assert node["offers"]["availability"].endswith("InStock" if item.stock else "OutOfStock")
        assert node["brand"]["name"] == item.brand
        assert node["sku"] == item.sku
        assert node["image"] == [f"http://shop.test/{item.image_path}"]
        assert {x["name"]: x["value"] for x in node["additionalProperty"]} == item.attributes

    every(zip(p for p in products() if p.markup is Markup.JSON_LD), check)


def test_graph_names_several_products_and_not_its_own_first(site: Path) -> None:
    item = PRODUCTS["anchan-shampoo"]
    (text,) = json_ld_texts(page(site, item))
    found = [node for node in json.loads(text)["@graph"] if node["@type"] == "Product"]
    assert len(found) == 3
    assert [n["name"] == item.name for n in found] == [False, True, False]
    assert found[1]["url"] == f"http://shop.test/{item.path}"


def test_broken_json_ld_is_broken_in_its_own_way(site: Path) -> None:
    (comma,) = json_ld_texts(page(site, PRODUCTS["pla-ngoen-white-collagen"]))
    with pytest.raises(json.JSONDecodeError):
        json.loads(comma)
    assert json.loads(re.sub(r",\s*\}\s*$", "}", comma))["@type"] == "Product"
    (newline,) = json_ld_texts(page(site, PRODUCTS["lang-tai-mo-phrao"]))
    with pytest.raises(json.JSONDecodeError, match="control character"):
        json.loads(newline)
    assert json.loads(newline, strict=False)["description"] == PRODUCTS["lang-tai-mo-phrao"].description


def test_pages_without_json_ld_carry_only_their_own_markup(site: Path) -> None:
    for item in products():
        document = page(site, item)
        micro, graph = document.xpath("//@itemprop"), document.xpath("//meta[starts-with(@property, 'og:')]")
        assert bool(micro) == (item.markup is Markup.MICRODATA)
        assert bool(graph) == (item.markup is Markup.OPEN_GRAPH)
        with_json = item.markup not in (Markup.MICRODATA, Markup.OPEN_GRAPH, Markup.NONE)
        assert bool(json_ld_texts(document)) == with_json
    micro_page = page(site, PRODUCTS["kafe-em-on-slim-coffee"])
    assert micro_page.xpath("string(//*[@itemprop='price']/@content)") == "189.00"
    graph_page = page(site, PRODUCTS["baan-din-coffee"])
    description = graph_page.xpath("string(//meta[@property='og:description']/@content)")
    assert description == PRODUCTS["baan-din-coffee"].description


def test_hostile_markup_is_inert(site: Path) -> None:
    item = PRODUCTS["kaeo-sai-hostile"]
    assert "<script>alert(1)</script>" in item.name
    files = [file for file in site.rglob("*.html") if "alert(1)" in file.read_text("utf-8", errors="replace")]
    assert len(files) >= 3, "the product, its category and its neighbours"
    for file in files:
        document = html.document_fromstring(file.read_bytes())
        for element in document.iter(etree.Element):
            assert not [name for name in element.attrib if name.startswith("on")]
            assert not str(element.get("href", "")).startswith("javascript:")
        scripts = document.xpath("//script")
        assert all(script.get("type") == "application/ld+json" for script in scripts)
        assert not document.xpath(
            "//svg[@*[contains(., 'alert')]] | //img[@src='x'] | //main//i | //article//h1/*"
        )


def test_windows_874_page(site: Path) -> None:
    item = PRODUCTS["hom-chuen-inhaler"]
    body = (site / item.path).read_bytes()
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")
    text = body.decode("cp874")
    assert '<meta charset="windows-874">' in text
    assert item.description.splitlines()[0] in text
    (script,) = json_ld_texts(html.document_fromstring(text))
    assert "&#" not in script
    assert json.loads(script)["description"] == item.description


def test_pages_that_are_no_product(site: Path) -> None:
    for name in ("about/index.html", "blog/false-health-ads.html", "cart/index.html"):
        document = html.document_fromstring((site / name).read_bytes())
        assert not document.xpath("//@itemprop | //meta[@property='og:type'][@content='product']")
        assert not any('"Product"' in text for text in json_ld_texts(document))
    assert "รักษาเบาหวานให้หายขาด" in (site / "blog/false-health-ads.html").read_text("utf-8")


def test_nothing_comes_from_outside(site: Path) -> None:
    for file in site.rglob("*.html"):
        if "kaeo-sai" in file.name:
            continue
        document = html.document_fromstring(file.read_bytes())
        for address in document.xpath("//@src | //link[@rel='stylesheet']/@href"):
            assert str(address).startswith("/"), (file.name, address)
    assert "url(" not in (site / "static/shop.css").read_text("utf-8")


# Over HTTP


@pytest.mark.costly
def test_every_internal_link_answers(running: RunningShop) -> None:
    queue, seen = [f"{running.url}/"], set[str]()
    while queue:
        url = queue.pop()
        if url in seen:
            continue
        seen.add(url)
        status, content_type, body = get(url)
        assert status == 200, url
        if not content_type.startswith("text/html"):
            continue
        document = html.document_fromstring(body)
        for link in document.xpath("//a/@href | //link/@href | //img/@src"):
            target = urljoin(url, str(link))
            if urlsplit(target).netloc == urlsplit(running.url).netloc:
                queue.append(target)
    reached = {urlsplit(url).path.lstrip("/") for url in seen}
    assert {p.path for p in products()} <= reached


def test_content_types_name_the_encoding(running: RunningShop) -> None:
    for path, expected in (
        ("/", "text/html; charset=utf-8"),
        ("/category/food/", "text/html; charset=utf-8"),
        (f"/{PRODUCTS['hom-chuen-inhaler'].path}", "text/html; charset=windows-874"),
        ("/robots.txt", "text/plain; charset=utf-8"),
        ("/sitemap.xml", "application/xml; charset=utf-8"),
        ("/static/shop.css", "text/css; charset=utf-8"),
        (f"/{PRODUCTS['som-raek-vitamin-c'].image_path}", "image/svg+xml; charset=utf-8"),
        (f"/{PRODUCTS['mon-rim-than-capsule'].image_path}", "image/png"),
    ):
        assert get(running.url + path)[:2] == (200, expected)
    assert get(f"{running.url}/nothing-here.html")[0] == 404
    assert get(f"{running.url}/static/")[0] == 404


def test_robots_and_sitemap(running: RunningShop) -> None:
    robots = RobotFileParser(f"{running.url}/robots.txt")
    robots.parse(get(f"{running.url}/robots.txt")[2].decode().splitlines())
    for item in products():
        assert robots.can_fetch("ruthan", f"{running.url}/{item.path}") is not item.private
    assert [p.slug for p in products() if p.private] == ["pen-lot-wholesale"]
    assert robots.site_maps() == [f"{running.url}/sitemap.xml"]
    tree = etree.fromstring(get(f"{running.url}/sitemap.xml")[2])
    listed = {str(x.text) for x in tree.iter("{*}loc")}
    assert all(get(url)[0] == 200 and robots.can_fetch("ruthan", url) for url in listed)
    assert {f"{running.url}/{p.path}" for p in products() if not p.private} <= listed


def test_requests_are_recorded() -> None:
    with serve() as found:
        get(f"{found.url}/about/?from=test")
        get(f"{found.url}/missing")
        assert found.requests == ["/about/?from=test", "/missing"]
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"{found.url}/", timeout=2)


# The command

COMMAND = [sys.executable, "-m", "ruthan", "sample-shop"]


@pytest.mark.costly
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_command_prints_its_address_first_and_ends_when_told(end: signal.Signals) -> None:
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            address = child.stdout.readline().strip()
            assert get(f"{address}/")[0] == 200
            child.send_signal(end)
            rest, errors = child.communicate(timeout=10)
        finally:
            child.kill()
        assert (child.returncode, rest, errors) == (0, "", "")


@pytest.mark.costly
def test_command_names_a_taken_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run([*COMMAND, "--port", str(port)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"port {port} cannot be opened" in done.stderr
    assert "--port" in done.stderr


@pytest.mark.costly
def test_command_prints_the_registry() -> None:
    done = subprocess.run([*COMMAND, "--print-registry"], capture_output=True, text=True, check=False)
    assert Path(done.stdout.strip()) == registry_path()
