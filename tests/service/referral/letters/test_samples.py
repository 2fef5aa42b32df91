"""The pictures of the letters that the documentation shows."""

from pathlib import Path

import pypdfium2
from click.testing import CliRunner
from PIL import Image

from service.referral.letters.letter import compose
from service.referral.letters.pdf_letter import pdf_of
from service.referral.letters.samples import main, sample_case
from service.referral.letters.templates import Templates
from service.store.tables.referral_tables import Recipient

SHOWN = Path(__file__).parents[4] / "docs" / "images" / "letters"
MOST = 60_000


def test_the_command_draws_one_picture_a_recipient_and_two_of_a_joint_letter(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, [str(tmp_path / "letters")])
    assert done.exit_code == 0, done.output
    for folder in (tmp_path / "letters", SHOWN):
        files = sorted(folder.iterdir())
        names = (*(recipient.value for recipient in Recipient), "joint", "joint-annex")
        assert [file.name for file in files] == sorted(f"{name}.png" for name in names)
        for file in files:
            assert 10_000 < file.stat().st_size < MOST, file
            with Image.open(file) as picture:
                shades = picture.convert("RGB").getcolors(256) or []
                assert 1 < len(shades) <= 8
                assert all(red == green == blue for _, (red, green, blue) in shades)


def test_every_sample_letter_is_one_page() -> None:
    for recipient in Recipient:
        document = pypdfium2.PdfDocument(pdf_of(compose(sample_case(recipient), Templates())))
        assert len(document) == 1, recipient
        document.close()


def test_a_broken_template_is_named(tmp_path: Path) -> None:
    (tmp_path / "office.toml").write_text("name = ")
    done = CliRunner().invoke(main, [str(tmp_path / "letters"), "--templates", str(tmp_path)])
    assert done.exit_code == 1
    assert "office.toml" in done.output
