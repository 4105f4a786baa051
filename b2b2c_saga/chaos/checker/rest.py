"""Did everything come to rest, and is in the log what was acknowledged?"""

import json
from collections.abc import Iterator

from b2b2c_saga.chaos.checker.evidence import Evidence, Violation


def rest(evidence: Evidence) -> Iterator[Violation]:
    """What was accepted is in the log, once; and nothing of the log is left to do."""
    found: dict[int, int] = {}
    for log in evidence.inputs.values():
        for record in log.values():
            said = json.loads(record.value)["id"]
            found[said] = found.get(said, 0) + 1
    for said in sorted(evidence.accepted):
        if (times := found.get(said, 0)) != 1:
            what = f"event {said} was acknowledged, and is {times} times in the input log"
            yield Violation("accepted, not kept" if not times else "accepted, kept twice", what)
    for place, end in sorted(evidence.ends.items()):
        if (committed := evidence.committed.get(place, 0)) != end:
            what = f"{place[0]}:{place[1]} ends at {end}, and {committed} is committed"
            yield Violation("not at rest" if committed < end else "offset ahead", what)
