"""A table against the outputs, where no more is known of a row than its last count."""

import json
from collections.abc import Iterator

from b2b2c_saga.chaos.checker.evidence import Evidence, Violation


def table(evidence: Evidence) -> Iterator[Violation]:
    """The count that a table holds of a key is the last that was told of it."""
    held = {key: versions[-1] for (_, key), versions in evidence.versions.items()}
    for key in sorted(held.keys() | evidence.outputs.keys()):
        version, outputs = held.get(key), evidence.outputs.get(key)
        count = json.loads(version.row) if version and version.row else 0
        told = outputs[-1].n if outputs else 0
        if count != told:
            what = f"the table has {count} of {key.decode(errors='replace')}, and {told} was told last"
            yield Violation("table differs", what, key, outputs[-1].at if outputs else 0)
