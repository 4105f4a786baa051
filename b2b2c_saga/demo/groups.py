"""Errors of tasks that ran together."""

from collections.abc import Iterator


def leaves(error: BaseException) -> Iterator[BaseException]:
    """The errors themselves, out of their groups."""
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from leaves(one)
    else:
        yield error
