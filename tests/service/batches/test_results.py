import csv
import io
from pathlib import Path

from labels.law.catalogue import law_for
from labels.schema import Assessment, Claim, Finding, LicenceCheck, LicenceKind, NumberShape
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.batches.results import as_csv, as_json_lines, packed
from service.batches.shapes import BatchLine, LineProblem


def assessment() -> Assessment:
    law = law_for(ClaimLabel.DISEASE, ProductClass.FOOD_SUPPLEMENT)
    return Assessment(
        id="1",
        verdict=Verdict.PROHIBITED,
        risk=0.9,
        product_class=ProductClass.FOOD_SUPPLEMENT,
        product_class_probability=0.8,
        offer=True,
        offer_probability=0.9,
        claims=[
            Claim(start=0, end=5, label=ClaimLabel.DISEASE, probability=0.9, text="รักษา\nโรค\u2028", law=law)
        ],
        licences=[
            LicenceCheck(
                start=0, end=1, kind=LicenceKind.FOOD_SERIAL, number="10-1", shape=NumberShape.INVALID
            )
        ],
        findings=[Finding(code="x", thai="เหตุผล", english="reason", law=law)],
        model="m",
    )


def test_lines_come_back_as_they_were(tmp_path: Path) -> None:
    lines = [
        BatchLine(line=1, id="1", status="done", assessment=assessment(), listing_id=7, deposit="new"),
        BatchLine(
            line=2,
            id="\ud800",
            status="rejected",
            problem=LineProblem(code="c", thai="ท", english="e", field="id"),
        ),
        BatchLine(line=3, id=None, status="rejected", problem=LineProblem(code="c", thai="ท", english="e")),
    ]
    path = tmp_path / "result"
    path.write_bytes(b"".join(map(packed, lines)))
    content = b"".join(as_json_lines([path, path]))
    found = [BatchLine.model_validate_json(line) for line in content.split(b"\n")[:-1]]
    lines[1].id = "\ufffd"
    assert found == lines * 2


def test_a_table_has_a_row_for_each_line_and_no_formula(tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    first.write_bytes(packed(BatchLine(line=1, id="@SUM(A1)", status="done", assessment=assessment())))
    second.write_bytes(
        packed(
            BatchLine(
                line=5, id="-1", status="rejected", problem=LineProblem(code="c", thai="ท", english="e")
            )
        )
    )
    text = b"".join(as_csv([first, second])).decode("utf-8-sig")
    done, rejected = csv.DictReader(io.StringIO(text, newline=""))
    assert (done["id"], done["offer"], done["risk"], done["truncated"]) == (
        "'@SUM(A1)",
        "true",
        "0.9",
        "false",
    )
    assert done["claims"] == f"{ClaimLabel.DISEASE}: รักษา\nโรค\u2028"
    assert done["reasons_thai"] == "เหตุผล"
    assert done["law"]
    assert (rejected["id"], rejected["verdict"], rejected["problem_thai"]) == ("'-1", "", "ท")
