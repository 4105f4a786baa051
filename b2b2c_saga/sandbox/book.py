"""The book of one outside system: an SQLite file, committed before anything is answered."""

import json
import sqlite3
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

PAGE = 500
Row = dict[str, Any]

_OWN = """
CREATE TABLE IF NOT EXISTS _answers (
    call TEXT, key TEXT, status INTEGER, body BLOB, PRIMARY KEY (call, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _asked (call TEXT, key TEXT, times INTEGER, PRIMARY KEY (call, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _serials (series TEXT PRIMARY KEY, last INTEGER) WITHOUT ROWID;
"""


class Book:
    """Tables of one system, plus what it answered to which idempotency key. Columns of type JSON hold JSON.

    A table whose name begins with an underscore is for the system's own use: no page shows it.
    WAL without a sync per commit: what was committed survives a kill of the process, though not a power cut.
    """

    def __init__(self, file: Path, schema: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(file, isolation_level=None)
        weakref.finalize(self, self.db.close)  # a book that nobody holds any more closes its file
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.executescript(_OWN + schema)
        self._columns = self._read_columns()

    @contextmanager
    def change(self) -> Iterator[None]:
        """One transaction: all of it, or nothing."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def add(self, table: str, row: Mapping[str, Any]) -> None:
        """Insert a row, or replace the one with the same primary key."""
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        values = [json.dumps(v) if self._columns[table][k] == "JSON" else v for k, v in row.items()]
        self.db.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", values)  # noqa: S608 - own names

    def find(self, table: str, **by: object) -> Row | None:
        """The row with these values, or None."""
        return next(self.find_all(table, **by), None)

    def find_all(self, table: str, **by: object) -> Iterator[Row]:
        """All rows with these values."""
        where = " AND ".join(f"{name} = ?" for name in by) or "1"
        found = self.db.execute(f"SELECT * FROM {table} WHERE {where} ORDER BY rowid", list(by.values()))  # noqa: S608
        return (self._row(table, row) for row in found.fetchall())

    def find_after(self, table: str, column: str, after: int, limit: int, **by: object) -> list[Row]:
        """The first so many rows with these values, in the order of a column, whose column is greater than `after`."""
        where = "".join(f"{name} = ? AND " for name in by)
        found = self.db.execute(
            f"SELECT * FROM {table} WHERE {where} {column} > ? ORDER BY {column} LIMIT ?",  # noqa: S608 - own names
            [*by.values(), after, limit],
        )
        return [self._row(table, row) for row in found.fetchall()]

    def find_up_to(self, table: str, column: str, most: float, **by: object) -> list[Row]:
        """The rows with these values whose column is not above that."""
        where = "".join(f"{name} = ? AND " for name in by)
        found = self.db.execute(f"SELECT * FROM {table} WHERE {where} {column} <= ?", [*by.values(), most])  # noqa: S608
        return [self._row(table, row) for row in found.fetchall()]

    def remove(self, table: str, **by: object) -> None:
        """The rows with these values."""
        where = " AND ".join(f"{name} = ?" for name in by)
        self.db.execute(f"DELETE FROM {table} WHERE {where}", list(by.values()))  # noqa: S608 - own names

    def pages(self, orders: Sequence[tuple[str, str]], table: str | None) -> Iterator[list[Row]]:
        """The rows of all tables (or one), of all orders (or these: account and code), some hundred at a time."""
        known = tuple(chain(*orders))
        where = f"(account, order_code) IN (VALUES {', '.join(['(?, ?)'] * len(orders))}) AND" if orders else ""
        for name, columns in self._columns.items():
            if name[0] == "_" or table not in (None, name) or (orders and "order_code" not in columns):
                continue
            last = -1
            while found := self.db.execute(
                f"SELECT rowid AS _at, * FROM {name} WHERE {where} rowid > ? ORDER BY rowid LIMIT {PAGE}",  # noqa: S608
                (*known, last),
            ).fetchall():
                last = found[-1]["_at"]
                yield [{"table": name} | self._row(name, row) for row in found]

    def answered(self, call: str, key: str) -> tuple[int, bytes] | None:
        """Status and body that this call with this key got the first time."""
        row = self.db.execute("SELECT status, body FROM _answers WHERE call = ? AND key = ?", (call, key)).fetchone()
        return (row["status"], row["body"]) if row else None

    def remember(self, call: str, key: str, status: int, body: bytes) -> None:
        """Keep an answer for its repeats."""
        self.db.execute("INSERT INTO _answers VALUES (?, ?, ?, ?)", (call, key, status, body))

    def count_asked(self, call: str, key: str) -> int:
        """How many times this was asked, this time included."""
        row = self.db.execute(
            "INSERT INTO _asked VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET times = times + 1 RETURNING times",
            (call, key),
        ).fetchall()
        return int(row[0]["times"])

    def next_serial(self, series: str) -> int:
        """The next number of a series, from 1; given back if the change is not committed, so no number is skipped."""
        row = self.db.execute(
            "INSERT INTO _serials VALUES (?, 1) ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last", (series,)
        ).fetchall()
        return int(row[0]["last"])

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def _row(self, table: str, row: sqlite3.Row) -> Row:
        kinds = self._columns[table]
        return {k: json.loads(row[k]) if kinds[k] == "JSON" and row[k] is not None else row[k] for k in kinds}

    def _read_columns(self) -> dict[str, dict[str, str]]:
        found = self.db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid").fetchall()
        tables = [row["name"] for row in found if not row["name"].startswith("sqlite")]
        return {
            table: {column["name"]: column["type"] for column in self.db.execute(f"PRAGMA table_info({table})")}
            for table in tables
        }
