"""How often each rule of the check had something to say: a rule that no world exercises proves nothing.

A rule is a call `said(broken, sentence)`. What is in braces in its sentence differs from case to case; the rule is one.
"""

import ast
import inspect
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from types import ModuleType

Broken = Iterable[str]

_evaluated: Counter[str] = Counter()


def said(broken: object, sentence: str) -> Broken:
    """The sentence if the rule is broken; either way the rule was looked at once more."""
    _evaluated[sentence] += 1
    return (sentence,) if broken else ()


def taken() -> Counter[str]:
    """How often each sentence was looked at since this was last asked, in this process."""
    counts = Counter(_evaluated)
    _evaluated.clear()
    return counts


def by_rule(counts: Mapping[str, int], *modules: ModuleType) -> dict[str, int]:
    """The same by rule, of all rules of the modules; 0: no world exercises it. A sentence of no rule is one itself."""
    found = dict.fromkeys((rule for module in modules for rule in rules(module)), 0)
    patterns = [(re.compile(_BRACES.sub("(.*)", re.escape(rule)), re.DOTALL), rule) for rule in found if "{" in rule]
    for sentence, n in counts.items():
        rule = sentence
        if sentence not in found:
            rule = next((rule for pattern, rule in patterns if pattern.fullmatch(sentence)), sentence)
        found[rule] = found.get(rule, 0) + n
    return found


@cache
def rules(module: ModuleType) -> tuple[str, ...]:
    """The sentences of the module's rules, in its order, with `{...}` where a case fills in its own."""
    return tuple(dict.fromkeys(_sentences(ast.parse(inspect.getsource(module)))))


_BRACES = re.compile(r"\\\{\\\.\\\.\\\.\\\}")


def _sentences(tree: ast.AST) -> Iterator[str]:
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    for call in sorted(calls, key=lambda call: call.lineno):
        match call:
            case ast.Call(func=ast.Name(id="said"), args=[_, ast.Constant(value=str(sentence))]):
                yield sentence
            case ast.Call(func=ast.Name(id="said"), args=[_, ast.JoinedStr(values=parts)]):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{...}" for part in parts)
