"""Reads a whole configuration: files, entries, rules between them, and then the catalogue."""

from dataclasses import dataclass, replace
from pathlib import Path

from b2b2c_saga.config.account_rules import Rules, account_mistakes
from b2b2c_saga.config.build import catalogue_of
from b2b2c_saga.config.merge import merge
from b2b2c_saga.config.mistakes import Mistake
from b2b2c_saga.config.price_rules import price_mistakes
from b2b2c_saga.config.reading import Entries, read_entries
from b2b2c_saga.config.sources import read_files
from b2b2c_saga.config.written import Written, read_written
from b2b2c_saga.model.catalogue import Account, Catalogue
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.terms import Patience


@dataclass(frozen=True)
class Examined:
    """A set, and every mistake in it, by file and line; `catalogue` is None if there is one."""

    path: Path
    entries: Entries
    mistakes: tuple[Mistake, ...]
    catalogue: Catalogue | None

    def accepted(self) -> Catalogue:
        """The catalogue.

        Raises:
            BadInput: the first mistake, and how many there are besides.
        """
        if self.catalogue is not None:
            return self.catalogue
        first, more = self.mistakes[0], len(self.mistakes) - 1
        besides = "" if not more else "; 1 more mistake" if more == 1 else f"; {more} more mistakes"
        raise BadInput(
            str(first.place),
            field=first.field or None,
            value=first.value,
            rule=f"{first.rule}{besides}: run `b2b2c-saga config check --config {self.path}`",
        )


def examine(path: Path) -> Examined:
    """All that is right and wrong with a folder of YAML files, or with one file.

    Raises:
        BadInput: there is nothing to read.
        Unavailable: the files change all the time.
    """
    _, files = read_files(path)
    return examine_files(path, files)


def examine_files(path: Path, files: dict[str, bytes]) -> Examined:
    """The same, of files already read. Pure."""
    written = merge(str(path), [read_written(name, content) for name, content in files.items()])
    if not written.readable:
        return _examined(path, Entries(), written.mistakes)
    entries, mistakes = read_entries(written)
    rules = Rules(written, entries)
    return _examined(path, entries, [*written.mistakes, *mistakes, *account_mistakes(rules), *price_mistakes(rules)])


def written_in(path: Path) -> Written:
    """What is written in all files together, not checked beyond YAML: for a copy with other values.

    Raises:
        BadInput: there is nothing to read, or it is no YAML.
        Unavailable: the files change all the time.
    """
    _, files = read_files(path)
    written = merge(str(path), [read_written(name, content) for name, content in files.items()])
    if written.mistakes:
        _examined(path, Entries(), written.mistakes).accepted()
    return written


def load_catalogue(path: Path) -> Catalogue:
    """The accounts of a folder of YAML files, or of one file.

    Raises:
        BadInput: there is nothing to read; or the first mistake, by file, line, field and rule, and how many more.
        Unavailable: the files change all the time.
    """
    return examine(path).accepted()


def with_patience(catalogue: Catalogue, patience: Patience) -> Catalogue:
    """The same accounts with other patience: a demo plays a month in a minute."""
    return replace(catalogue, accounts={name: _patient(one, patience) for name, one in catalogue.accounts.items()})


def _patient(account: Account, patience: Patience) -> Account:
    return replace(account, terms=replace(account.terms, patience=patience))


def _examined(path: Path, entries: Entries, mistakes: list[Mistake]) -> Examined:
    ordered = tuple(sorted(mistakes, key=lambda mistake: mistake.place))
    return Examined(path, entries, ordered, None if mistakes else catalogue_of(entries))
