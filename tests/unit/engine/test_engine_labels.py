"""Labels show a hole, a repeat, and what answers an older ask."""

from b2b2c_saga.bus.records import Record
from b2b2c_saga.runtime.engine.labels import Fetched, Labels, Place, Sequel, Verdict

HERE = Place("intake", 3)


def _records(*offsets: int) -> list[Record]:
    return [Record("intake", 3, offset, b"k", b"v", (), 0) for offset in offsets]


def test_batches_in_sequence_are_next():
    labels, sequel = Labels(), Sequel()
    sequel.asked(HERE, labels.asked(HERE))
    fetched = [labels.label(HERE, _records(0, 1)), labels.label(HERE, _records(2, 5))]
    assert [f.previous for f in fetched] == [None, 1]
    assert [sequel.judge(f) for f in fetched] == [Verdict.NEXT, Verdict.NEXT]
    assert not sequel.lacks(HERE, labels.taken(HERE))


def test_a_dropped_batch_shows_in_the_one_after_it():
    labels, sequel = Labels(), Sequel()
    sequel.asked(HERE, labels.asked(HERE))
    labels.label(HERE, _records(0, 1))
    assert sequel.judge(labels.label(HERE, _records(2))) is Verdict.HOLE


def test_a_dropped_last_batch_shows_in_what_was_taken():
    labels, sequel = Labels(), Sequel()
    sequel.asked(HERE, labels.asked(HERE))
    assert sequel.judge(labels.label(HERE, _records(0))) is Verdict.NEXT
    labels.label(HERE, _records(1))
    assert sequel.lacks(HERE, labels.taken(HERE))


def test_what_answers_an_older_ask_is_stale_and_the_newer_one_begins_anew():
    labels, sequel = Labels(), Sequel()
    sequel.asked(HERE, labels.asked(HERE))
    old = labels.label(HERE, _records(0, 1))
    sequel.asked(HERE, labels.asked(HERE))
    assert sequel.judge(old) is Verdict.STALE
    again = labels.label(HERE, _records(0))
    assert again == Fetched(HERE, _records(0), None, 2)
    assert sequel.judge(again) is Verdict.NEXT


def test_an_ask_that_the_fetching_does_not_know_yet_lacks_nothing():
    labels, sequel = Labels(), Sequel()
    labels.asked(HERE)
    labels.label(HERE, _records(7))
    sequel.asked(HERE, 99)
    assert not sequel.lacks(HERE, labels.taken(HERE))
    assert labels.is_asked(HERE)
    assert not labels.is_asked(Place("pack", 3))
