"""Reads texts that are trained on beside the dataset, without those that models are evaluated on."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from labels.dataset.near_duplicates import NearDuplicates
from labels.dataset.shipped import Split, data_folder, load_split, split_path
from labels.real.held_out import real_validation_id
from labels.real.sealed import SealedTextError, is_sealed
from labels.schema import Annotation
from training.data.texts import SHORTEST, TextsError, hub_column, is_long_enough, numbered_texts


@dataclass(frozen=True)
class FurtherTexts:
    """Reads further texts and says how many it left out.

    Near-duplicates of validation and test listings and of ``real`` are left out. Of the real validation texts
    that are not available, the hashes are known: of these only exact copies are left out.

    Attributes:
        data: folder of splits that are used beside those of the shipped dataset.
        real: the available real validation texts.
    """

    say: Callable[[str], None]
    data: Path | None = None
    real: Sequence[Annotation] = ()

    def of_files(self, paths: Iterable[Path]) -> list[str]:
        """The texts of files, see :func:`training.data.texts.read_texts`.

        Raises:
            SealedTextError: a text belongs to the sealed exam.
            TextsError: a file cannot be read.
            DatasetError: the dataset cannot be read.
        """
        return [text for path in paths for text in self._of_file(path)]

    def _of_file(self, path: Path) -> list[str]:
        numbered = numbered_texts(path)
        if sealed := [number for number, text in numbered if is_sealed(text)]:
            raise SealedTextError(f"{path}:{number}" for number in sealed)
        return self.without_held_out([text for _, text in numbered], path.name)

    def of_hub(self, name: str, column: str) -> list[str]:
        """A column of a Hugging Face dataset; texts of the sealed exam are left out of it.

        Raises:
            TextsError: the hub is unreachable, or the dataset has no such column or no text in it.
            DatasetError: the dataset cannot be read.
        """
        found = [text for text in hub_column(name, column) if is_long_enough(text)]
        if not found:
            raise TextsError(f"{name} holds no text of {SHORTEST} characters or more")
        allowed = [text for text in found if not is_sealed(text)]
        if sealed := len(found) - len(allowed):
            self.say(f"{name}: {sealed:,} texts left out: they or near copies belong to the sealed exam")
        return self.without_held_out(allowed, name)

    def without_held_out(self, texts: Sequence[str], source: str) -> list[str]:
        """Those of the texts that no model is evaluated on; ``source`` is named if some are left out."""
        kept = [text.strip() for text in texts if not self._is_held_out(text)]
        if left_out := len(texts) - len(kept):
            self.say(f"{source}: {left_out:,} texts left out: models are evaluated on them or near copies")
        return kept

    def _is_held_out(self, text: str) -> bool:
        return real_validation_id(text) is not None or text in self._held_out

    @cached_property
    def _held_out(self) -> NearDuplicates:
        splits = [
            load_split(part, folder)
            for folder in {data_folder(), self.data or data_folder()}
            for part in (Split.VALIDATION, Split.TEST)
            # Pretraining needs only the train split of a folder, and a wheel has no dataset.
            if split_path(part, folder).is_file()
        ]
        return NearDuplicates(record.text for records in (*splits, self.real) for record in records)
