"""Hot reload: a running worker takes a changed set when it is whole, without mistakes, and of a higher version."""

from dataclasses import dataclass
from pathlib import Path

from b2b2c_saga.config.load import examine_files
from b2b2c_saga.config.sources import Fingerprint, fingerprint, read_files
from b2b2c_saga.model.catalogue import Catalogue
from b2b2c_saga.model.errors import BadInput, Unavailable


@dataclass(frozen=True)
class Verdict:
    """What a look at the files led to: a set that is `taken`, or why the one that is there isn't."""

    taken: Catalogue | None = None
    warning: str | None = None


def judge(held: Catalogue, found: Catalogue) -> Verdict | None:
    """A higher version is taken; the same set again is no news; anything else is told. Pure."""
    if found.version > held.version:
        return Verdict(taken=found)
    if found == held:
        return None
    remedy = f"raise `version` above {held.version} to have it taken"
    if found.version == held.version:
        return Verdict(warning=f"the configuration changed and its version did not: {remedy}")
    return Verdict(warning=f"the configuration went back to version {found.version}: {remedy}")


class Watch:
    """Looks at the files again and again. Each state of them is judged once, and only when two looks found it.

    So nobody's half-written set is read: files are still being written as long as one look differs from the last.
    """

    def __init__(self, path: Path, held: Catalogue) -> None:
        self.path, self.held = path, held
        self._last: Fingerprint | str | None = None
        self._judged: Fingerprint | str | None = None

    def look(self) -> Verdict | None:
        """Look once; None if there is nothing to say."""
        state = self._state()
        settled, self._last = state == self._last, state
        if not settled or state == self._judged:
            return None
        if isinstance(state, str):
            verdict: Verdict | None = Verdict(warning=state)
        else:
            try:
                read, files = read_files(self.path)
            except (BadInput, Unavailable):
                return None  # they go on changing; the next look tells
            if read != state:
                return None
            verdict = self._judge(files)
        self._judged = state
        if verdict and verdict.taken:
            self.held = verdict.taken
        return verdict

    def _state(self) -> Fingerprint | str:
        try:
            return fingerprint(self.path)
        except BadInput as error:
            return str(error)

    def _judge(self, files: dict[str, bytes]) -> Verdict | None:
        try:
            return judge(self.held, examine_files(self.path, files).accepted())
        except BadInput as error:
            return Verdict(warning=str(error))
