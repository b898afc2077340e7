"""What was learned from one's own logs, as a folder."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.catalog import Catalog
from agent.dialogues import PastDialogue, dump_dialogues, load_dialogues
from agent.errors import ProfileError
from agent.ranking import LogLinearRanker, Ranker, load_ranker

FORMAT = 1
_ABOUT, _DIALOGUES, _RANKER = "profile.json", "dialogues.jsonl", "ranker.json"
_HISTORY, _HISTORY_RANKER = "history", "history.json"


@dataclass(frozen=True, slots=True)
class LearnedHistory:
    """What was learned from interactions.

    Attributes:
        folder: Where :meth:`agent.retrieval.HistoryModels.save` has written the fitted models.
        ranker: What weighs their sources.
    """

    folder: Path
    ranker: Ranker


@dataclass(frozen=True, slots=True)
class Profile:
    """What a recommender remembers and how it weighs its sources.

    Attributes:
        dialogues: Past dialogues.
        ranker: Weights fitted on them; the shipped ones where None.
        history: What was learned from interactions.
        provenance: Where it comes from: the catalog, the files, what was measured.
    """

    dialogues: tuple[PastDialogue, ...] = ()
    ranker: LogLinearRanker | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)
    history: LearnedHistory | None = None

    def save(self, folder: Path) -> None:
        """Write the folder whole or not at all; an older profile there is replaced.

        Raises:
            ProfileError: the folder cannot be written, or holds something else.
        """
        check_free(folder)
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
            dump_dialogues(made / _DIALOGUES, self.dialogues)
            if self.ranker is not None:
                self.ranker.save(made / _RANKER)
            if self.history is not None:
                shutil.copytree(self.history.folder, made / _HISTORY)
                self.history.ranker.save(made / _HISTORY_RANKER)
            about = {"format": FORMAT, "provenance": dict(self.provenance)}
            (made / _ABOUT).write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", "utf-8")
            if folder.exists():
                shutil.rmtree(folder)
            made.rename(folder)
        except OSError as error:
            raise ProfileError(f"cannot be written: {error.strerror}", where=str(folder)) from None

    @classmethod
    def load(cls, folder: Path, catalog: Catalog) -> Profile:
        """Read a folder that ``save`` has written.

        Raises:
            ProfileError: there is no profile, or it is of another version.
            CatalogError: its dialogues are broken or speak of another catalog.
            SettingsError: its weights are broken.
            FormatError: its trees are broken.
        """
        try:
            about = json.loads((folder / _ABOUT).read_text("utf-8"))
        except OSError as error:
            raise ProfileError(
                f"holds no profile: {error.strerror}", where=str(folder), hint="`groundrec fit` makes one"
            ) from None
        except ValueError as error:
            raise ProfileError(f"is damaged: {error}", where=str(folder / _ABOUT)) from None
        if not isinstance(about, dict) or about.get("format") != FORMAT:
            found = about.get("format") if isinstance(about, dict) else None
            raise ProfileError(f"has format {found!r}, this version reads {FORMAT}", where=str(folder))
        ranker = LogLinearRanker.load(folder / _RANKER) if (folder / _RANKER).is_file() else None
        dialogues = load_dialogues(folder / _DIALOGUES, catalog)
        history = None
        if (folder / _HISTORY_RANKER).is_file():
            history = LearnedHistory(folder / _HISTORY, load_ranker(folder / _HISTORY_RANKER))
        return cls(dialogues, ranker, about.get("provenance", {}), history)


def check_free(folder: Path) -> None:
    """Refuse a folder that a profile may not be written to.

    Raises:
        ProfileError: it holds something other than a profile, or is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise ProfileError("is a file", where=str(folder), hint="name a folder that does not exist yet")
    if folder.exists() and not (folder / _ABOUT).is_file() and any(folder.iterdir()):
        raise ProfileError(
            "is there and holds no profile",
            where=str(folder),
            hint="name a folder that does not exist yet",
        )
