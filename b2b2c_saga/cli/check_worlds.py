"""What `b2b2c-saga check` tells of the worlds that it explores, while it does and at the end."""

import re
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from b2b2c_saga.model.errors import BadInput

if TYPE_CHECKING:
    from b2b2c_saga.saga.check.history import Sagas
    from b2b2c_saga.saga.check.survey import Surveyed
    from b2b2c_saga.saga.check.worlds import Setting


def explore_worlds(
    settings: "Mapping[str, Setting]",
    sagas: "Sagas",
    console: Console,
    *,
    folder: Path | None,
    workers: int,
    limit: int,
) -> dict[str, Any]:
    """Explore them, tell of each as it is done; the report for a machine."""
    from b2b2c_saga.saga.check.survey import Ahead, survey
    from b2b2c_saga.saga.check.worlds import WORLDS

    began, done, violations = time.perf_counter(), list["Surveyed"](), list[dict[str, Any]]()
    with console.status("beginning ...") as status:
        for told in survey(settings, sagas, workers, limit):
            if isinstance(told, Ahead):
                status.update(_underway(told.states, done, time.perf_counter() - began))
                continue
            done.append(told)
            _tell(told, console)
            if told.found.broken:
                file = _save(folder, told, settings[told.world], console) if folder else None
                found = {"broken": told.found.broken, "history": told.found.history}
                violations.append({"world": told.world, **found, "file": file})
    done.sort(key=lambda one: list(settings).index(one.world))
    whole = settings.keys() >= WORLDS.keys() and not violations
    rules = _tell_rules(done, console, whole=whole)
    return _total(done, time.perf_counter() - began, console) | {"rules": rules, "violations": violations}


def _underway(states: Mapping[str, int], done: "list[Surveyed]", seconds: float) -> str:
    total = sum(states.values()) + sum(one.found.states for one in done)
    now = ", ".join(f"{world} {n:,}" for world, n in states.items())
    return escape(f"{total:,} states, {total / max(seconds, 1e-9):,.0f}/s; {now}")


def _tell(one: "Surveyed", console: Console) -> None:
    found = one.found
    rate = found.states / max(one.seconds, 1e-9)
    alike = f"  and {found.alike:,} alike" if found.alike else ""
    end = "[red]VIOLATED[/]" if found.broken else "holds" if found.complete else "[yellow]holds so far[/]"
    states = f"{escape(one.world):36} {found.states:>9,} states {one.seconds:6.1f} s {rate:>8,.0f}/s"
    console.print(f"{states}  {end}{alike}", soft_wrap=True)
    if found.broken:
        console.print(*(f"  [red]{escape(broken)}[/]" for broken in found.broken), sep="\n")
        told = (f"    {escape(line)}" for entry in found.history for line in entry.splitlines())
        console.print("  shortest history:", *told, sep="\n", soft_wrap=True)


def _tell_rules(done: "list[Surveyed]", console: Console, *, whole: bool) -> dict[str, int]:
    """Each rule and how often it had something to say; of some worlds alone, only the rules that had."""
    from b2b2c_saga.saga.check.survey import exercised

    looked_at: Counter[str] = Counter()
    for one in done:
        looked_at += one.found.looked_at
    rules = exercised(looked_at)
    for rule, n in rules.items():
        if n:
            console.print(f"{n:>12,}  {escape(rule)}", soft_wrap=True)
        elif whole:
            console.print(f"{'never':>12}  [yellow]{escape(rule)}[/]", soft_wrap=True)
    return rules


def _total(done: "list[Surveyed]", seconds: float, console: Console) -> dict[str, Any]:
    states, alike = sum(one.found.states for one in done), sum(one.found.alike for one in done)
    memory = max((one.memory for one in done), default=0)
    violated = sum(bool(one.found.broken) for one in done)
    more = f" (and {alike:,} that differ by names alone)" if alike else ""
    console.print(
        f"{states:,} states{more} in {seconds:.0f} s, {states / max(seconds, 1e-9):,.0f}/s, "
        f"at most {memory / 2**20:,.0f} MB a process, {violated} worlds with a violation",
        soft_wrap=True,
    )
    worlds = [
        {
            "world": one.world,
            "states": one.found.states,
            "alike": one.found.alike,
            "renamings": one.found.renamings,
            "seconds": round(one.seconds, 2),
            "complete": one.found.complete,
            "holds": not one.found.broken,
        }
        for one in done
    ]
    return {
        "states": states, "alike": alike, "seconds": round(seconds, 1), "bytes_at_most": memory, "worlds": worlds,
    }  # fmt: skip


def _save(folder: Path, one: "Surveyed", setting: "Setting", console: Console) -> str:
    text = one.found.as_text(one.world, setting)
    file = _free(folder, one.found.broken[0], text)
    write(file, text)
    console.print(
        f"  written to {escape(str(file))}: say in its first lines what happens, in the words of the business"
    )
    return str(file)


def _free(folder: Path, broken: str, text: str) -> Path:
    """A name from what is broken, that no other history has."""
    sentence = re.sub(r"^shipment \S+: ", "", broken).lower()
    words = re.sub("[^a-z0-9]+", "-", sentence)[:60].strip("-")
    n, file = 1, folder / f"found-{words}.txt"
    while file.exists() and file.read_text(encoding="utf-8") != text:
        n += 1
        file = folder / f"found-{words}-{n}.txt"
    return file


def write(file: Path, text: str) -> None:
    """Write a history.

    Raises:
        BadInput: it can't be written there.
    """
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}", rule="a folder that is there and may be written to") from None
