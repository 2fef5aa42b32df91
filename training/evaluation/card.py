"""Generates the model card of a bundle from its manifest and metrics."""

from collections.abc import Mapping
from typing import Any

from inference.model.bundle import Manifest

_TEMPLATE = """# {name} {version}

อ่านโฆษณาขายสินค้าสุขภาพภาษาไทย ระบุข้อความที่เข้าข่ายผิดกฎหมายและประเภทสินค้า เพื่อให้เจ้าหน้าที่ตรวจสอบต่อ
ผลลัพธ์เป็นเบาะแส ไม่ใช่คำวินิจฉัยว่ากระทำผิด

Reads Thai listings of health products, marks the words that are not allowed in an advertisement and names
the product class. Its answer is a lead for an officer, not a finding of guilt.

| field | value |
|---|---|
| base | {base} ({licence}) |
| heads | product class (softmax), offer (sigmoid), claims as token tags (ten sigmoids per token) |
| beside the encoder | a linear model on hashed words, which adjusts the probabilities and marks no spans |
| window | {window} tokens, the last up to {slack} more |
| later windows | repeat {overlap} tokens of their neighbour and the text's first {head} |
| reading | `{preprocessing}` |
| released | {created} |
| training data | {data} |
| calibrated and thresholds set on | {calibrated} |
{real}
## Figures on the written test split ({listings} listings, {prohibited} prohibited)

| figure | this model | {columns} |
|---|---|{rule}
{rows}

A listing and its disguised twin get the same verdict in {same:.1%} of the pairs.

Int8 against PyTorch on validation windows: {flips:.3%} of token tags flip across the threshold,
mean difference {mean:.4f}.
Reproduce with `ruthan evaluate`.
{screen}
"Not quantized" is the same model and calibration in float32. "Names and numbers drawn anew" are the same
listings with brands, contacts and every digit randomized; "disguised" ones are spelled as by sellers who fear
a filter, and "tricks left in" is without undoing that.

## ข้อจำกัด / Limits

- ชุดทดสอบ test split เขียนโดยโปรแกรม language model ส่วนข้อความจริงและคำกำกับทั้งหมดก็กำกับโดยโปรแกรมผู้ช่วย
  ยังไม่ได้ตรวจโดยเจ้าหน้าที่ อย. ผลกับโฆษณาของผู้ขายรายอื่นจะต่างจากตาราง
- ระบบไม่อ่านภาพ เสียง และปลายทางของลิงก์
- The test split was written by language models. They also made all annotations, including those of real
  texts, and no FDA reviewer has checked them; results on other sellers' listings will differ.
- Real validation texts were used to select the model and its thresholds, so results on them are slightly
  optimistic.
- The policy's patterns for barred goods were written with knowledge of the dataset. Average precision and
  recall at precision 0.95 above are for the model alone; verdicts include those rules.
- Pictures, sound and the targets of links are not read.

## ห้ามใช้เพื่อ / Not to be used for

- ตัดสินคดี ปรับ หรือถอดโฆษณาโดยไม่มีเจ้าหน้าที่พิจารณา หรือประเมินตัวบุคคล
- deciding a case, a fine or a takedown without a person;
- judging people, or texts other than offers of goods and services.
"""

_ROWS = [
    ("average precision, prohibited", "average_precision"),
    ("recall at precision 0.95", "recall_at_precision_95"),
    ("verdict prohibited: precision", "verdict_precision"),
    ("verdict prohibited: recall", "verdict_recall"),
    ("macro F1 over the labels that occur", "macro_f1"),
    ("character F1 of spans", "span_f1"),
    ("product class accuracy", "class_accuracy"),
    ("offer accuracy", "offer_accuracy"),
    ("verdict accuracy (review counts as wrong)", "verdict_accuracy"),
    ("sent to review", "sent_to_review"),
    ("calibration error of the risk", "calibration_error"),
]


_SCREEN = """
The prefilter (for bulk work, off by default) skips, of the test split's prohibited listings
{prohibited:.1%}, of the same in disguise {prohibited_disguised:.1%}, of the lawful listings about health
{lawful_health:.1%}, and of those of class `other`, written to look like health goods, {other_class:.1%}.
Of held-out everyday listings (clothes, car parts, groceries …) it skips
{everyday:.1%}.{real}
"""

_REAL_SCREEN = """
Of real validation texts, which set its thresholds, it skips {real_prohibited:.1%} of the prohibited ones,
{real_other:.1%} of those unrelated to health, and {real_lawful_health:.1%} of the others.
"""


def screen_section(figures: Mapping[str, float | None] | None) -> str:
    """The card's paragraph on the prefilter (:func:`training.fit.prefilter.screen_figures`); may be empty."""
    if figures is None:
        return ""
    values = {name: value or 0.0 for name, value in figures.items()}
    real = _REAL_SCREEN.rstrip().format(**values) if figures.get("real_other") is not None else ""
    return _SCREEN.format(**values, real=real)


_REAL = """
## Figures on real texts ({texts} that sellers, clinics and consumers wrote, {prohibited} prohibited)

No source was trained on, except marketplaces and social networks with many sellers. Thresholds were fitted
on one half and evaluated on the other, and vice versa.

| figure | {channels} |
|---|{rule}
{rows}

**The shift gap**, results on the written test split minus those on real text: {gap}.
"""

REAL_ROWS = [
    ("texts", "listings"),
    ("prohibited", "prohibited"),
    *_ROWS[:1],
    *_ROWS[2:4],
    ("violations seen (prohibited or sent to review)", "seen"),
    ("macro F1 over labels of ten texts or more", "macro_f1"),
    *_ROWS[5:],
]


def real_section(metrics: Mapping[str, Any]) -> str:
    """The card's section on real texts by channel and the shift gap; empty if not measured."""
    columns: Mapping[str, Mapping[str, Any]] = metrics.get("real") or {}
    if not columns:
        return "\n**Not evaluated on real texts**: there are no results for sellers' own texts.\n"
    return _REAL.format(
        texts=columns["all"]["listings"],
        prohibited=columns["all"]["prohibited"],
        channels=" | ".join(columns),
        rule="---|" * len(columns),
        rows="\n".join(
            f"| {name} | {' | '.join(_cell(column.get(key)) for column in columns.values())} |"
            for name, key in REAL_ROWS
        ),
        gap=", ".join(f"{name.replace('_', ' ')} {gap:+.3f}" for name, gap in metrics["shift_gap"].items()),
    )


def _cell(value: float | None) -> str:
    return "–" if value is None else str(value) if isinstance(value, int) else f"{value:.3f}"


def _data_of(manifest: Manifest) -> str:
    """The training data as text; only the shipped dataset includes everyday listings."""
    names = "everyday.jsonl", "train.jsonl"
    files = [
        f"`{name}` (SHA-256 {manifest.dataset_sha256[name][:16]}…)"
        for name in names
        if name in manifest.dataset_sha256
    ]
    if "everyday.jsonl" in manifest.dataset_sha256:
        told = f"the dataset of `labels/data`, written for this project: {', '.join(files)}"
        if "real texts" in manifest.dataset_sha256:
            told += (
                "; and real texts of sellers, clinics, brands and consumers, which belong to others and are "
                "not part of this project (stand-off annotations: `labels/data/real.jsonl`, SHA-256 "
                f"{manifest.dataset_sha256['real.jsonl'][:16]}…)"
            )
        return told
    return f"a dataset given with `--data`: {', '.join(files)}"


def model_card(manifest: Manifest, metrics: dict[str, Any]) -> str:
    """The bundle's model card in Thai and English."""
    test, columns = metrics["test"], metrics["columns"]

    rows = "\n".join(
        f"| {name} | {' | '.join(_cell(column.get(key)) for column in (test, *columns.values()))} |"
        for name, key in _ROWS
    )
    return _TEMPLATE.format(
        real=real_section(metrics),
        calibrated="real validation texts, and the validation split for rare labels"
        if metrics.get("real")
        else "the validation split",
        data=_data_of(manifest),
        name=manifest.name,
        version=manifest.version,
        base=manifest.base,
        licence=manifest.base_licence,
        window=manifest.window,
        overlap=manifest.overlap,
        head=manifest.head,
        slack=manifest.slack,
        preprocessing=manifest.preprocessing,
        created=manifest.created,
        listings=test["listings"],
        prohibited=test["prohibited"],
        rows=rows,
        columns=" | ".join(columns),
        rule="---|" * len(columns),
        same=metrics["twins"]["same_verdict"],
        flips=metrics["parity_int8"]["flips"],
        mean=metrics["parity_int8"]["mean"],
        screen=screen_section(metrics.get("screen")),
    )
