"""The files of a configuration: which they are, what is in them, and whether they changed meanwhile."""

from pathlib import Path
from typing import TypeAlias

from b2b2c_saga.model.errors import BadInput, Unavailable

Fingerprint: TypeAlias = tuple[tuple[str, int, int, int], ...]
"""Name, time of the last change in nanoseconds, size in bytes and inode of each file: cheap to ask for."""

READS_AT_MOST = 5
SUFFIXES = frozenset({".yaml", ".yml"})
REMEDY = "name a folder of *.yaml files, or one file: --config PATH or B2B2C_CONFIG"


def fingerprint(path: Path) -> Fingerprint:
    """What tells one state of the files from another, without reading them.

    Raises:
        BadInput: there is nothing to read.
    """
    try:
        return tuple((str(file), (it := file.stat()).st_mtime_ns, it.st_size, it.st_ino) for file in _files(path))
    except OSError as error:
        raise _unreadable(error, path) from None


def read_files(path: Path) -> tuple[Fingerprint, dict[str, bytes]]:
    """All files as they were at one moment, with the fingerprint of that moment.

    Raises:
        BadInput: there is nothing to read.
        Unavailable: they change all the time.
    """
    for _ in range(READS_AT_MOST):
        before = fingerprint(path)
        try:
            read = {name: Path(name).read_bytes() for name, *_ in before}
        except OSError as error:
            raise _unreadable(error, path) from None
        if fingerprint(path) == before:
            return before, read
    raise Unavailable(f"{path}: changes while it is read; try again when it is written")


def _files(path: Path) -> list[Path]:
    """The file itself, or the files of a folder: by name, none of them hidden, nothing of its sub-folders."""
    if not path.is_dir():
        return [path]
    found = sorted(
        file for file in path.iterdir() if file.suffix in SUFFIXES and file.name[0] != "." and file.is_file()
    )
    if not found:
        raise BadInput(f"{path}: no *.yaml file in this folder", field="config", rule=REMEDY)
    return found


def _unreadable(error: OSError, path: Path) -> BadInput:
    return BadInput(f"{error.filename or path}: {error.strerror}", field="config", rule=REMEDY)
