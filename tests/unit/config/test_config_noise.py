"""Whatever the files hold: it is read, or refused with a sentence; nothing else is ever raised."""

import random
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from small_set import SET, examined

from b2b2c_saga.config.load import examine_files
from b2b2c_saga.config.mistakes import Mistake
from b2b2c_saga.model.errors import BadInput

LINES = SET.splitlines(keepends=True)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates()
SECTIONS = st.sampled_from(["version", "parties", "accounts", "products", "price_lists", "taxes", "patience", "other"])
FIELDS = st.sampled_from(["x", "SHOP", "61", "since", "slabs", "prices", "sku", "capabilities", "billing_address", "*"])
TREES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS | SCALARS, inner, max_size=4)
)


def judged(content: bytes) -> None:
    """It is right and has accounts, or each mistake is a sentence with a rule and the first is raised."""
    found = examine_files("set", {"set.yaml": content})  # type: ignore[arg-type]
    if not found.mistakes:
        assert found.accepted().accounts
        return
    assert all(isinstance(mistake, Mistake) and mistake.rule and "\n" not in mistake.rule for mistake in found.mistakes)
    with pytest.raises(BadInput, match="config check"):
        found.accepted()


@given(st.binary(max_size=200))
def test_any_bytes(content: bytes):
    judged(content)


@given(st.text(alphabet=" -:{}[]&*!|>'\"%@`?#,~ab1\n\t", max_size=80))
def test_any_yaml_signs(text: str):
    judged(text.encode())


@settings(max_examples=200)
@given(st.dictionaries(SECTIONS | SCALARS, TREES, max_size=6))
def test_any_tree(tree: dict[str, Any]):
    judged(yaml.safe_dump(tree).encode())


@given(st.integers(0, 2**32), st.integers(1, 6))
def test_any_change_of_a_right_set(seed: int, changes: int):
    """Lines are lost, doubled, swapped or cut, characters are others."""
    chance, lines = random.Random(seed), list(LINES)
    for _ in range(changes):
        n = chance.randrange(len(lines))
        other = lines[chance.randrange(len(lines))]
        cut = chance.randrange(len(lines[n]) + 1)
        lines[n] = chance.choice(["", lines[n] * 2, other, lines[n][:cut], lines[n][:cut] + "'" + lines[n][cut + 1 :]])
        lines = lines if any(lines) else list(LINES)
    judged("".join(lines).encode())


@given(st.sampled_from(range(len(LINES))), SCALARS)
def test_any_value_in_any_field(n: int, value: object):
    """Each field of the set in turn holds something else."""
    name, colon, _ = LINES[n].partition(": ")
    if colon:
        text = yaml.safe_dump(value, default_flow_style=True).split("\n")[0]
        examined("".join([*LINES[:n], f"{name}: {text}\n", *LINES[n + 1 :]]))
