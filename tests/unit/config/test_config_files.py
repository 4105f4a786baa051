"""Files: what is read, what is not YAML as we read it, several files as one set, and sets that change."""

import os
from pathlib import Path

import pytest
from small_set import SET, altered, told

from b2b2c_saga.config import load_catalogue, written_in
from b2b2c_saga.config.sources import fingerprint, read_files
from b2b2c_saga.config.written import read_written
from b2b2c_saga.model.errors import BadInput, Unavailable


def test_values_are_read_as_they_are_written():
    text = "state: 07\nprice: 449.10\nsaid: no\nday: 2025-09-22\nnothing: ~\nempty:\nquoted: '~'\nlist: [1, {a: b}]\n"
    written = read_written("a.yaml", text.encode())
    assert written.mistakes == []
    assert written.values == {
        "state": "07",
        "price": "449.10",
        "said": "no",
        "day": "2025-09-22",
        "nothing": None,
        "empty": None,
        "quoted": "~",
        "list": ["1", {"a": "b"}],
    }
    assert str(written.place(("list", 1, "a"))) == "a.yaml:8"
    assert str(written.place(("day", "nowhere"))) == "a.yaml:4"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a: 1\n b: 2", "a.yaml:2: is not YAML: mapping values are not allowed in this context"),
        (b"- 1", "a.yaml:1: must be sections by name, such as `accounts:`"),
        (b"a: 1\nb: \xff", "a.yaml:2: is not text in UTF-8"),
        (b"a: \x07", "a.yaml: is not YAML: a character that YAML does not allow"),
        (b"a: &x 1", "a.yaml:1: anchors and aliases are not read: write the value where it holds"),
        (b"a: 1\nb: *a", "a.yaml:2: anchors and aliases are not read: write the value where it holds"),
        (b"a: !!python/name:os.system", "a.yaml:1: tags are not read: write the plain value"),
        (b"a: 1\n---\nb: 2", "a.yaml:2: a second document begins here: one file, one document"),
        (b"[a]: 1", "a.yaml:1: a name must be a text"),
        (b"a: " + b"[" * 30 + b"]" * 30, "a.yaml:1: more than 20 parts inside each other"),
        (b"a: 1\nb: 2\na: {c: [d]}\ne: 3", "a.yaml:3: a: is written twice: on line 1 too"),
    ],
)
def test_what_is_not_read_is_named(content: bytes, said: str):
    assert [str(mistake) for mistake in read_written("a.yaml", content).mistakes] == [said]


def test_a_name_written_twice_does_not_hide_what_follows():
    assert read_written("a.yaml", b"a: 1\na: {c: [d], e: {f: g}}\nh: 3").values == {"a": "1", "h": "3"}


def test_of_a_file_that_is_not_yaml_nothing_else_is_told():
    assert told(SET, more="products: 1\n a: b") == [
        "more.yaml:2: is not YAML: mapping values are not allowed in this context"
    ]


def test_several_files_are_one_set_and_a_name_in_two_of_them_is_a_mistake():
    more = "accounts:\n  NEW: {channel: NEW, model: pass-through, client_x: x, client_y: y}\n"
    assert told(SET, more=more, empty="", products="products:\n") == []
    assert told(SET, other="version: 4\nparties:\n  y: {legal_name: Other}\n  z: {legal_name: Zed}\n") == [
        "other.yaml:1: version: is written twice: in set.yaml:1 too",
        "other.yaml:3: parties.y: is written twice: in set.yaml:9 too",
        *(
            f"other.yaml:4: parties.z.{name}: is missing"
            for name in ("gstin", "account_code", "billing_address", "shipping_address")
        ),
    ]
    assert told(SET, other="parties: [x]\ntaxes: 5") == [
        "other.yaml:1: parties: must hold entries by name, such as `NAME: {...}`",
        "other.yaml:2: taxes = '5': must hold entries by name, such as `NAME: {...}`",
    ]


def test_two_lists_of_the_same_seller_buyer_and_channel_contradict_each_other():
    more = "price_lists:\n  again: {seller: x, buyer: y, channel: MARKET, prices: []}\n"
    assert told(SET, more=more) == [
        "more.yaml:2: price_lists.again: has the seller, buyer and channel of list: put their prices together",
        "more.yaml:2: price_lists.again.prices: is empty: nothing could be sold",
    ]


def test_a_set_without_accounts_is_none():
    assert told("version: 1\n") == ["set: accounts: is missing: no seller account is set up"]


def test_a_folder_is_its_yaml_files_and_nothing_else(tmp_path: Path):
    (tmp_path / "b.yaml").write_text(altered(("version: 3\n", "")))
    (tmp_path / "a.yml").write_text("version: 9")
    for ignored in (".c.yaml", "d.yaml~", "readme.txt"):
        (tmp_path / ignored).write_text("- not read")
    (tmp_path / "sub.yaml").mkdir()
    assert load_catalogue(tmp_path).version == 9
    assert [Path(name).name for name, *_ in fingerprint(tmp_path)] == ["a.yml", "b.yaml"]
    assert written_in(tmp_path).values["version"] == "9"


def test_the_first_mistake_is_raised_with_how_many_there_are_and_what_to_do(tmp_path: Path):
    file = tmp_path / "one.yaml"
    file.write_text(altered(("gstin: 29AABCK1234M1ZG", "gstin: 29")))
    with pytest.raises(BadInput) as refused:
        load_catalogue(file)
    command = f"run `b2b2c-saga config check --config {file}`"
    rule = "must be a GSTIN: two digits of the state, then 13 capital letters and digits"
    assert str(refused.value) == f"{file}:5: parties.x.gstin = '29': {rule}: {command}"
    for mistakes, more in ((1, "1 more mistake"), (2, "2 more mistakes")):
        file.write_text(altered(("gstin: 29AABCK1234M1ZG", "gstin: 29")) + "x: 1\ny: 2\n"[: 5 * mistakes])
        with pytest.raises(BadInput, match=f"digits; {more}: run `b2b2c-saga config check"):
            load_catalogue(file)


def test_where_there_is_nothing_to_read_the_remedy_is_named(tmp_path: Path):
    remedy = "name a folder of *.yaml files, or one file: --config PATH or B2B2C_CONFIG"
    with pytest.raises(BadInput) as refused:
        load_catalogue(tmp_path / "none.yaml")
    assert str(refused.value) == f"{tmp_path}/none.yaml: No such file or directory: config: {remedy}"
    with pytest.raises(BadInput) as refused:
        load_catalogue(tmp_path)
    assert str(refused.value) == f"{tmp_path}: no *.yaml file in this folder: config: {remedy}"
    (tmp_path / "a.yaml").write_text("- a")
    with pytest.raises(BadInput, match=r"a\.yaml:1: must be sections by name"):
        written_in(tmp_path)


def test_a_set_that_changes_while_it_is_read_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "a.yaml").write_text("first")
    real, changes = Path.read_bytes, 1

    def read_and_change(path: Path) -> bytes:
        nonlocal changes
        content = real(path)
        if changes:
            changes -= 1
            path.write_text(f"changed {changes}")
            os.utime(path, ns=(changes, changes))
        return content

    monkeypatch.setattr(Path, "read_bytes", read_and_change)
    seen, files = read_files(tmp_path)
    assert list(files.values()) == [b"changed 0"]
    assert seen == fingerprint(tmp_path)
    changes = 100
    with pytest.raises(Unavailable, match="changes while it is read"):
        read_files(tmp_path)


def test_a_file_that_goes_while_it_is_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "a.yaml").write_text("version: 1")

    def gone(path: Path) -> bytes:
        raise FileNotFoundError(2, "No such file or directory", str(path))

    monkeypatch.setattr(Path, "read_bytes", gone)
    with pytest.raises(BadInput, match=rf"^{tmp_path}/a.yaml: No such file or directory: config: name a folder"):
        load_catalogue(tmp_path)
