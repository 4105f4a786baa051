"""Hot reload: which changed set is taken, what is said of one that isn't, and that each is judged once."""

from pathlib import Path

import pytest
from small_set import SET, altered, examined

from b2b2c_saga.config import load_catalogue
from b2b2c_saga.config.reload import Verdict, Watch, judge
from b2b2c_saga.model.catalogue import Catalogue

DEARER = ("value: 80", "value: 90")
FOUR = ("version: 3", "version: 4")
HELD = examined(SET).accepted()


def version(*changes: tuple[str, str]) -> Catalogue:
    return examined(altered(*changes)).accepted()


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (version(FOUR, DEARER), Verdict(taken=version(FOUR, DEARER))),
        (version(FOUR), Verdict(taken=version(FOUR))),
        (version(), None),
        (
            version(DEARER),
            Verdict(
                warning="the configuration changed and its version did not: raise `version` above 3 to have it taken"
            ),
        ),
        (
            version(("version: 3", "version: 2")),
            Verdict(warning="the configuration went back to version 2: raise `version` above 3 to have it taken"),
        ),
    ],
)
def test_a_set_is_taken_when_its_version_is_higher(found: Catalogue, verdict: Verdict | None):
    assert judge(HELD, found) == verdict


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path)
    return tmp_path


def write(folder: Path, *changes: tuple[str, str]) -> None:
    """The set in two files."""
    parties, rest = altered(*changes).split("accounts:\n")
    (folder / "rest.yaml").write_text("accounts:\n" + rest)
    (folder / "parties.yaml").write_text(parties)


def looks(watch: Watch, times: int = 3) -> list[Verdict]:
    """What some looks have to say."""
    return [verdict for verdict in (watch.look() for _ in range(times)) if verdict]


def test_as_long_as_nothing_changes_nothing_is_said(folder: Path):
    assert looks(Watch(folder, load_catalogue(folder)), 5) == []


def test_a_higher_version_is_taken_once_and_held_from_then_on(folder: Path):
    watch = Watch(folder, load_catalogue(folder))
    looks(watch)
    write(folder, FOUR, DEARER)
    assert looks(watch, 5) == [Verdict(taken=version(FOUR, DEARER))]
    assert watch.held == version(FOUR, DEARER)
    write(folder, FOUR)
    (told,) = looks(watch, 5)
    assert told.warning == "the configuration changed and its version did not: raise `version` above 4 to have it taken"
    assert watch.held == version(FOUR, DEARER)


def test_what_changed_between_reading_and_watching_is_seen(folder: Path):
    held = load_catalogue(folder)
    write(folder, FOUR)
    assert looks(Watch(folder, held)) == [Verdict(taken=version(FOUR))]


def test_a_set_with_a_mistake_is_told_once_and_the_old_one_is_held(folder: Path):
    watch = Watch(folder, load_catalogue(folder))
    looks(watch)
    write(folder, FOUR, ("pin: 560001", "pin: 1"), ("price_list: list", "price_list: none"))
    (told,) = looks(watch, 5)
    assert told.warning is not None
    assert told.warning.startswith(f"{folder}/parties.yaml:7: parties.x.billing_address.pin = '1': must be a postal")
    assert told.warning.endswith(f"; 1 more mistake: run `b2b2c-saga config check --config {folder}`")
    assert watch.held == HELD
    write(folder, FOUR)
    assert looks(watch) == [Verdict(taken=version(FOUR))]


def test_a_folder_that_is_gone_is_told_once_and_its_return_is_no_news(folder: Path):
    watch = Watch(folder, load_catalogue(folder))
    looks(watch)
    folder.rename(folder.with_name("away"))
    (told,) = looks(watch, 5)
    assert told.warning is not None
    assert told.warning.startswith(f"{folder}: No such file or directory: config: name a folder")
    folder.with_name("away").rename(folder)
    assert looks(watch) == []


def test_files_that_are_still_being_written_are_left_alone(folder: Path):
    """The version comes first, the rest with each look: only the whole set is judged."""
    watch = Watch(folder, load_catalogue(folder))
    looks(watch)
    whole = altered(FOUR, DEARER)
    written = [whole[:n] for n in range(0, len(whole), 100)]
    (folder / "rest.yaml").unlink()
    for part in written:
        (folder / "parties.yaml").write_text(part)
        assert watch.look() is None
    (folder / "parties.yaml").write_text(whole)
    assert looks(watch) == [Verdict(taken=version(FOUR, DEARER))]


def test_files_that_change_after_the_look_are_not_judged_by_it(folder: Path, monkeypatch: pytest.MonkeyPatch):
    watch = Watch(folder, load_catalogue(folder))
    looks(watch)
    write(folder, FOUR)
    assert watch.look() is None
    real = watch._state

    def state_then_change() -> object:
        state = real()
        write(folder, ("version: 3", "version: 50"), DEARER)
        return state

    monkeypatch.setattr(watch, "_state", state_then_change)
    assert watch.look() is None
    monkeypatch.setattr(watch, "_state", real)
    taken = version(("version: 3", "version: 50"), DEARER)
    assert looks(watch) == [Verdict(taken=taken)]
