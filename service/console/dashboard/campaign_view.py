"""The dashboard's table of campaigns: listings received, referred and gone."""

from collections.abc import Sequence

from service.console.core import terms
from service.console.core.permissions import CAMPAIGN
from service.console.widgets.charts import Bar, bars
from service.console.widgets.figure_table import UNKNOWN, Column, FigureTable, Kind, Value
from service.dashboard.measures import percentile
from service.dashboard.summary import CampaignLine, Summary

NAME = 60
"""Characters of a campaign's example that are shown."""


def campaigns_table(found: Summary) -> FigureTable:
    """Return the most active campaigns of the period, busiest first, with links to their pages."""
    return FigureTable(
        "by-campaign",
        "กลุ่มโฆษณาซ้ำที่มีความเคลื่อนไหวมากที่สุด",
        "Most active campaigns",
        (
            Column("campaign", "กลุ่ม", Kind.WORDS),
            Column("example", "ตัวอย่าง", Kind.WORDS),
            Column("listings", "โฆษณาในกลุ่มขณะนี้"),
            Column("received", "รับเข้า"),
            Column("flagged", "ระบบแจ้งเตือน"),
            Column("decided", "พิจารณาแล้ว"),
            Column("decision_median_hours", "เวลาพิจารณา (มัธยฐาน)", Kind.SECONDS),
            Column("sent", "ส่งต่อ (โฆษณา)"),
            Column("recipients", "ส่งถึง", Kind.WORDS),
            Column("taken_down", "ระงับแล้ว", nothing=UNKNOWN),
            Column("takedown_median_hours", "เวลาถึงระงับ (มัธยฐาน)", Kind.SECONDS, UNKNOWN),
        ),
        [_row(line) for line in found.campaigns],
        bars(
            "รับเข้า ส่งต่อ และระงับแล้ว ตามกลุ่มโฆษณาซ้ำ",
            ("รับเข้า", "ส่งต่อ", "ระงับแล้ว"),
            [_bar(line) for line in found.campaigns],
        ),
        (
            "แสดง 20 กลุ่มที่จำนวนรับเข้า ส่งต่อ และระงับในช่วงนี้รวมกันมากที่สุด เฉพาะกลุ่มที่มีสองโฆษณาขึ้นไป",
            "“ระงับแล้ว” และ “เวลาถึงระงับ” นับอย่างเดียวกับตารางภาพรวมของช่วงเวลา",
        ),
        [CAMPAIGN.format(campaign_id=line.counts.campaign_id) for line in found.campaigns],
    )


def _row(line: CampaignLine) -> Sequence[Value]:
    counts = line.counts
    recipients = [f"{terms.RECIPIENTS[one]} {number:,}" for one, number in line.sent.most_common()]
    return (
        _name(line),
        counts.example if len(counts.example) <= NAME else f"{counts.example[:NAME]}…",
        counts.size,
        counts.received,
        counts.flagged,
        counts.decided,
        percentile(counts.seconds, 0.5),
        line.sent.total(),
        " · ".join(recipients) or None,
        len(line.takedown_seconds) or None,
        percentile(line.takedown_seconds, 0.5),
    )


def _bar(line: CampaignLine) -> Bar:
    numbers = (line.counts.received, line.sent.total(), len(line.takedown_seconds))
    return Bar(_name(line), numbers, [f"{number:,}" for number in numbers])


def _name(line: CampaignLine) -> str:
    return f"กลุ่มที่ {line.counts.campaign_id}"
