"""Kafka's jars in the cache: missing, spoilt, wrong."""

import gc
import ssl
import sys
from pathlib import Path

import pytest

from b2b2c_saga.bus.broker import jars
from b2b2c_saga.bus.broker.jars import Jar, class_path, locked_jars, sha256_of
from b2b2c_saga.model.errors import Unavailable

SMALL = [jar for jar in locked_jars() if jar.artifact in {"slf4j-api", "slf4j-simple"}]


def test_a_missing_jar_is_fetched_and_a_spoilt_one_fetched_again(tmp_path: Path):
    said: list[tuple[str, int, int]] = []
    paths = class_path(lambda *report: said.append(report), tmp_path, SMALL)
    assert [sha256_of(path) for path in paths] == [jar.sha256 for jar in SMALL]
    assert [(done, total) for _, done, total in said] == [(0, 2), (1, 2), (2, 2)]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(jar.file for jar in SMALL)

    paths[0].write_bytes(paths[0].read_bytes()[:-1] + b"?")
    said.clear()
    class_path(lambda *report: said.append(report), tmp_path, SMALL)
    assert sha256_of(paths[0]) == SMALL[0].sha256
    assert said[0] == (f"{paths[0]} is spoilt (not the SHA-256 of jars.lock); fetching it again", 0, 0)
    assert said[-1][1:] == (1, 1)

    said.clear()
    class_path(lambda *report: said.append(report), tmp_path, SMALL)
    assert said == []


def test_a_jar_that_is_not_the_locked_one_is_named_and_not_used(tmp_path: Path):
    other = Jar(SMALL[0].group, SMALL[0].artifact, SMALL[0].version, "0" * 64)
    with pytest.raises(Unavailable, match=rf"{other} came with SHA-256 {SMALL[0].sha256}, jars.lock says 0{{64}}"):
        class_path(lambda *_: None, tmp_path, [other])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # jgo leaves a refused answer unread
def test_a_jar_that_cannot_be_fetched_is_named(tmp_path: Path):
    nowhere = Jar("org.slf4j", "no-such-thing", "9.9.9", "0" * 64)
    with pytest.raises(Unavailable, match=r"could not fetch org\.slf4j:no-such-thing:9\.9\.9"):
        class_path(lambda *_: None, tmp_path, [nowhere])
    gc.collect()


def test_a_network_with_certificates_of_its_own_is_told_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def distrusts(*_: object, **__: object) -> None:
        raise ssl.SSLCertVerificationError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate in chain")

    monkeypatch.setattr(jars, "_download", distrusts)
    with pytest.raises(
        Unavailable, match=r"could not fetch .*: the certificate is not trusted; .* REQUESTS_CA_BUNDLE$"
    ):
        class_path(lambda *_: None, tmp_path / "cache", SMALL)


def test_without_the_broker_group_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "jgo.maven", None)
    with pytest.raises(Unavailable, match="the Python package jgo is not installed; install it with"):
        class_path(lambda *_: None, tmp_path, SMALL)


def test_the_cache_is_the_users(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert jars.cache_dir() == Path("/somewhere/b2b2c-saga/jars")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert jars.cache_dir() == Path.home() / ".cache/b2b2c-saga/jars"
