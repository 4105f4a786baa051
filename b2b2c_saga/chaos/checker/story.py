"""What lies around a violation: the key's events, outputs and rows, and the faults of those seconds."""

import time
from collections.abc import Iterator, Sequence

from b2b2c_saga.chaos.checker.evidence import Evidence, Violation
from b2b2c_saga.chaos.nemesis import Inflicted

AROUND_MS = 5_000
FAULTS_AROUND_MS = 30_000
AT_MOST = 40
"""Lines of a key's history; a key may have hundreds of events."""


def story(violation: Violation, evidence: Evidence, faults: Sequence[Inflicted]) -> list[str]:
    """The history around a violation as lines, in the order of time."""
    lines = [*_of_key(violation, evidence), *_of_faults(violation, faults)]
    lines.sort()
    near = [line for line in lines if not violation.at or abs(line[0] - violation.at) < FAULTS_AROUND_MS]
    middle = next((number for number, line in enumerate(near) if line[0] >= violation.at), 0)
    kept = near[max(0, middle - AT_MOST // 2) : middle + AT_MOST // 2]
    return [f"{_clock(at)}  {text}" for at, text in kept]


def _of_key(violation: Violation, evidence: Evidence) -> Iterator[tuple[int, str]]:
    if not violation.key:
        return
    for (topic, partition), log in evidence.inputs.items():
        for offset, record in log.items():
            if record.key == violation.key and _near(violation, record.at):
                parked = " (parked)" if (topic, partition, offset) in evidence.parked else ""
                yield record.at, f"event   {topic}:{partition}:{offset}{parked} {_text(record.value)}"
    for output in evidence.outputs.get(violation.key, ()):
        if _near(violation, output.at):
            yield output.at, f"output  offset {output.offset} {_text(output.value)}"
    for (changelog, key), versions in evidence.versions.items():
        for version in versions if key == violation.key else ():
            if _near(violation, version.at):
                sources = ", ".join(version.sources)
                yield version.at, f"row     {changelog}:{version.partition}:{version.offset} of [{sources}]"


def _of_faults(violation: Violation, faults: Sequence[Inflicted]) -> Iterator[tuple[int, str]]:
    for fault in faults:
        began, ended = 1_000 * fault.at, 1_000 * (fault.at + fault.seconds)
        if began - FAULTS_AROUND_MS < violation.at < ended + FAULTS_AROUND_MS:
            yield int(began), f"fault   {fault.kind}, {fault.seconds:.1f} s: {fault.what}"


def _near(violation: Violation, at: int) -> bool:
    return not violation.at or abs(at - violation.at) < AROUND_MS


def _clock(at: int) -> str:
    return f"{time.strftime('%H:%M:%S', time.gmtime(at / 1_000))}.{at % 1_000:03d}"


def _text(value: bytes) -> str:
    return value[:160].decode(errors="replace")
