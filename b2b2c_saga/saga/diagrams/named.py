"""What the code of a gate names: the second witness of what the gate sends, beside what it was seen to send."""

from collections.abc import Callable, Iterator
from inspect import unwrap
from types import CodeType, FunctionType
from typing import Any

from b2b2c_saga.model.messages import BY_TYPE, Message

KINDS = frozenset(BY_TYPE.values())


def named(function: Callable[..., Any]) -> frozenset[type[Message]]:
    """Message types that a function names, or another function of its package that it names, and so on.

    It may name what it does not send, never the other way round. So a gate that was seen to send all that its code
    names sends nothing else.
    """
    found: set[type[Message]] = set()
    package = function.__module__.rpartition(".")[0]
    met, queue = {function}, [unwrap(function)]
    while queue:
        for value in _values(queue.pop()):
            if isinstance(value, type) and value in KINDS:
                found.add(value)
            if isinstance(value, FunctionType) and value.__module__.startswith(package) and value not in met:
                met.add(value)
                queue.append(value)
    return frozenset(found)


def _values(function: Any) -> Iterator[object]:  # noqa: ANN401 - a function with its code
    names = _names(function.__code__)
    yield from (function.__globals__[name] for name in sorted(names) if name in function.__globals__)
    yield from (cell.cell_contents for cell in function.__closure__ or ())


def _names(code: CodeType) -> set[str]:
    inner = (_names(const) for const in code.co_consts if isinstance(const, CodeType))
    return set(code.co_names).union(*inner)
