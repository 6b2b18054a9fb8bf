"""Classes for a text, and which model answers. The model is kept in the process, one for each district."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from tongxin.kernel.caches import VersionedCache
from tongxin.learning.artefact import load_model
from tongxin.learning.classify import REASONS, Model
from tongxin.learning.errors import LearningError
from tongxin.learning.models import TextModel, Training
from tongxin.learning.starter import Category, Starter, propose
from tongxin.learning.vectors import Text
from tongxin.packs.api import DistrictView

_starters: VersionedCache[Starter] = VersionedCache()
_models: VersionedCache[Model | LearningError] = VersionedCache(8)  # tens of megabytes each


@dataclass(frozen=True, slots=True)
class CategoryGuess:
    """A class of today's catalogue that may fit. ``confidence`` 0 to 1; by rules alone it is no measured probability."""

    code: str
    title: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Suggested:
    """What a page shows of one text.

    ``guesses`` best first, at most three; ``because`` the words of the text that decided for the first. ``unsure`` says why the
    choice is left open, empty when the first guess may be offered as chosen. ``version`` of the model, empty: rules alone.
    """

    guesses: tuple[CategoryGuess, ...]
    because: tuple[str, ...]
    unsure: str
    version: str = ""

    @property
    def chosen(self) -> str:
        """The code that may be offered as chosen, or empty."""
        return self.guesses[0].code if self.guesses and not self.unsure else ""


def suggest(district: DistrictView, title: str, text: str) -> Suggested:
    """Propose classes for a text, by the district's model and the words of its catalogue (1 statement)."""
    return _suggest(district, title, text)


def find_model(district: DistrictView) -> TextModel | None:
    """Return the model in force (1 statement)."""
    return TextModel.objects.filter(district_id=district.id, in_force=True).first()


def newest_training(district: DistrictView) -> Training | None:
    """Return the training that was asked for last (1 statement)."""
    return Training.objects.filter(district_id=district.id).order_by("-asked_at").first()


def trouble_of(kept: TextModel | None) -> str:
    """Return in a sentence why the model in force does not answer; empty when it does (0 statements)."""
    found = _load(kept) if kept is not None else None
    return found.sentence if isinstance(found, LearningError) else ""


def judges_of(district: DistrictView, kept: TextModel | None = None) -> tuple[Starter, Model | None]:
    """Return the rules of the catalogue, and the model in force where it can be read (1 statement unless ``kept`` is given)."""
    kept = kept or find_model(district)
    starter = _starters.get(district.pack_id, district.pack_id, lambda: _starter(district))
    found = _load(kept) if kept is not None else None
    return starter, found if isinstance(found, Model) else None


def _suggest(district: DistrictView, title: str, text: str) -> Suggested:
    starter, model = judges_of(district)
    said = propose(Text(title, text), starter, model)
    guesses = tuple(CategoryGuess(guess.code, starter.titles[guess.code], guess.confidence) for guess in said.guesses)
    return Suggested(guesses, said.because, REASONS[said.reason], model.version if model else "")


def _starter(district: DistrictView) -> Starter:
    return Starter(
        [
            Category(one.code, one.title, tuple(one.keywords), tuple(above))
            for one, above in district.pack.catalogue.walk()
        ]
    )


def _load(kept: TextModel) -> Model | LearningError:
    """Return the model, or why there is none; read again only when the file has changed, so that a mended one is noticed."""
    path = Path(settings.DATA_DIR) / kept.file
    try:
        seen = path.stat()
        state = (kept.pk, seen.st_mtime_ns, seen.st_size)
    except OSError:
        state = (kept.pk, 0, 0)

    def read() -> Model | LearningError:
        try:
            return load_model(path)
        except LearningError as broken:
            return broken

    return _models.get(kept.district_id, state, read)


def card_lines(district: DistrictView, kept: TextModel) -> list[str]:
    """Return a model's evaluation card in sentences, for commands and pages (0 statements)."""
    card, titles = kept.card, {one.code: one.title for one, _ in district.pack.catalogue.walk()}
    lines = [
        f"版本 {kept.version}{'（现行）' if kept.in_force else ''}，学自 {card['examples']} 件办结诉求，其中更正过的 {card['corrections']} 件。",
        f"在没有学过的诉求上（{card['folds']} 折）：各类平均 F1 {card['macro_f1']:.1%}，准确率 {card['accuracy']:.1%}，把握的偏差 {card['calibration_error']:.1%}。",
        f"有把握的占 {card['coverage']:.1%}，这些的平均 F1 {card['macro_f1_covered']:.1%}；其余请人工选择。",
    ]
    for one in card["classes"]:
        score = "样本太少，未学" if one["f1"] is None else f"F1 {one['f1']:.1%}"
        lines.append(f"  {titles.get(one['code'], one['code'])}：{one['examples']} 件，{score}")
    return lines + list(card["notes"])
