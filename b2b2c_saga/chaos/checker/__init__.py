"""Was anything lost, doubled, invented or put out of order? Told from what is committed, and from nothing else.

Independent of the engine: `reading` reads the topics with `read_committed`, `effects` compares events with outputs (it
holds for any engine that runs the counting logic), `rows` folds the logic anew over the input log in the order that the
changelog names, `rest` looks whether everything came to rest. `story` tells what lies around a violation. Only the
logic's `decide` is shared with what is tested.
"""

from b2b2c_saga.chaos.checker.check import check, check_plain
from b2b2c_saga.chaos.checker.evidence import Evidence, Violation

__all__ = ["Evidence", "Violation", "check", "check_plain"]
