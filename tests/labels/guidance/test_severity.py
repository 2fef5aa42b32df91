import re
import tomllib
from importlib import resources

from labels.guidance.severity import Severity, priority_of, severity_of
from labels.law.catalogue import provision
from labels.letters import letters
from labels.taxonomy import ClaimLabel, ProductClass
from tests.helpers.every import every


def test_a_cancer_cure_is_graver_than_a_skin_cream() -> None:
    cases = [
        ([(ClaimLabel.DISEASE, "รักษามะเร็งได้ทุกชนิด")], ProductClass.FOOD_SUPPLEMENT, Severity.GRAVE),
        ([(ClaimLabel.DISEASE, "ร.ั.ก.ษ.า ม ะ เ ร็ ง")], ProductClass.FOOD_SUPPLEMENT, Severity.GRAVE),
        ([(ClaimLabel.DISEASE, "แก้ปวดเข่า")], ProductClass.FOOD_SUPPLEMENT, Severity.SERIOUS),
        ([(ClaimLabel.DISEASE, "ต้านเชื้อ HIV")], ProductClass.HERBAL, Severity.GRAVE),
        ([(ClaimLabel.ABSOLUTE, "เห็นผล 100%")], ProductClass.DRUG, Severity.SERIOUS),
        ([(ClaimLabel.ABSOLUTE, "ขาวใน 3 วัน")], ProductClass.COSMETIC, Severity.SOME),
        ([(ClaimLabel.BENEFIT, "ชะลอเบาหวาน")], ProductClass.FOOD, Severity.NONE),
        ([], ProductClass.DRUG, Severity.NONE),
        ([(ClaimLabel.ABSOLUTE, "ดีที่สุด"), (ClaimLabel.DISEASE, "เบาหวานหาย")], None, Severity.GRAVE),
    ]

    def check(claims: list[tuple[str, str]], product_class: str | None, expected: Severity) -> None:
        assert severity_of(claims, product_class) is expected

    every(cases, check)


def test_what_is_likely_comes_before_everything_of_a_lower_grade() -> None:
    def check(graver: Severity, lower: Severity) -> None:
        assert priority_of(0.51, graver) > priority_of(1.0, lower)
        assert priority_of(0.9, graver) > priority_of(0.8, graver)
        assert priority_of(0.1, graver) < priority_of(0.9, lower), "an unlikely one waits"

    every(zip(list(Severity)[1:], Severity, strict=False), check)


def test_a_disease_is_said_to_be_named_by_law_only_if_the_provision_names_it() -> None:
    path = resources.files("labels.guidance").joinpath("severity.toml")
    rows = tomllib.loads(path.read_text("utf-8"))["diseases"]
    named = [(row["provision"], pattern) for row in rows if "provision" in row for pattern in row["patterns"]]

    def check(provision_id: str, pattern: str) -> None:
        assert re.search(pattern, letters(provision(provision_id).rule_thai))

    every(named, check)
