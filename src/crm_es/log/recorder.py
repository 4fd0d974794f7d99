"""What every recorder of the log offers, whichever database it sits on."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self
from uuid import UUID

from eventsourcing.persistence import ApplicationRecorder

from crm_es.log.envelope import COLUMNS, Head, Record, Rows

CLOCK_BEHIND_MAX = 300_000_000
"""How far the clock may stand behind the head, in microseconds, before the writer stops."""


class Generation(NamedTuple):
    """Which life of the log this is: ``restore`` and ``copy`` begin a new one.

    A follower whose checkpoint names another generation sets its state aside and rebuilds.
    """

    id: bytes
    number: int


class Gap(Exception):  # noqa: N818 - reads as what happened
    """A page of the log is not contiguous: something is very wrong; stop."""


class ClockBehind(Exception):  # noqa: N818 - reads as what happened
    """The clock stands far behind the log's head; appending would falsify recorded times."""


class NotDurable(Exception):  # noqa: N818 - reads as what happened
    """The database is set up so that an acknowledged event could be lost."""


class Looks(Protocol):
    """What an append looks up before it decides."""

    def receipts(self, command_ids: Sequence[bytes]) -> dict[bytes, tuple[bytes, bytes]]:
        """Known command ids with (hash of the command, receipt)."""

    def claimant(self, kind: str, value: bytes) -> bytes | None:
        """Who holds a uniqueness claim."""

    def streams(self, stream_ids: Sequence[bytes]) -> Iterator[Record]:
        """All events of some streams, by stream and version."""


class Transaction(Looks, Protocol):
    """An append in progress, under the log's one lock. Entered, it is committed or undone."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None: ...

    def head(self) -> Head: ...

    def add(self, rows: Rows) -> None:
        """Insert what the batch decided."""

    def commit(self) -> None:
        """Make it durable, in any thread, or undo it and raise."""

    def undo(self) -> None: ...


class LogRecorder(ApplicationRecorder):
    """The log's database. A subclass brings the lock, the dialect and the durability check.

    Reads run beside the writer and see whole transactions only.
    """

    @abstractmethod
    def check_durability(self) -> None:
        """Raise NotDurable unless a commit survives kill -9 and power loss."""

    @abstractmethod
    def begin(self) -> Transaction:
        """Take the log's lock: the first statement serialises all writers."""

    @abstractmethod
    def look(self) -> Looks:
        """What has been committed, whenever asked, also while a transaction is under way."""

    @abstractmethod
    def generation(self) -> Generation: ...

    @abstractmethod
    def head(self) -> Head: ...

    @abstractmethod
    def read(self, after: int, limit: int) -> list[Record]:
        """The next records in order of position: contiguous from ``after + 1``. Raises Gap."""

    @abstractmethod
    def rows(
        self, after: int, limit: int, columns: Sequence[str] = COLUMNS
    ) -> list[tuple[Any, ...]]:
        """As ``read``, unchecked and bare tuples of some columns, for who counts microseconds."""

    @abstractmethod
    def scan(self, upto: int, *, by: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """The key and some columns of every record up to a position, in key order.

        ``by`` is "stream" (then by version) or "subject" (then by position; once per subject).
        """

    @abstractmethod
    def about(
        self,
        key: bytes,
        *,
        by: str,
        columns: Sequence[str],
        after: int = 0,
        upto: int,
        as_of: int | None = None,
        topics: Collection[str] = (),
    ) -> Iterator[tuple[Any, ...]]:
        """As ``scan``, of one key, behind a position.

        With ``as_of`` only what had happened by then; one of unknown time counts from its
        recording. With ``topics`` only those.
        """

    @abstractmethod
    def streams(self, stream_ids: Sequence[bytes]) -> Iterator[Record]:
        """All events of some streams, by stream and version."""

    @abstractmethod
    def stream(self, stream_id: UUID, *, after_version: int = 0, limit: int) -> list[Record]: ...

    @abstractmethod
    def of_subject(
        self, subject: UUID, *, after: int = 0, upto: int | None = None, limit: int
    ) -> list[Record]:
        """A party's history in order of position: one index scan."""

    @abstractmethod
    def latest_of_subject(
        self, subject: UUID, *, before: int | None = None, limit: int
    ) -> list[Record]:
        """A party's history, newest position first."""

    @abstractmethod
    def position_at(self, recorded_at: int) -> int:
        """The last position recorded at or before a time in microseconds."""

    @abstractmethod
    def receipt(self, command_id: UUID) -> bytes | None: ...

    @abstractmethod
    def begun(
        self,
        correlation_id: UUID,
        topics: Collection[str],
        *,
        after: int,
        before: int,
        limit: int,
    ) -> list[tuple[int, bytes, str]]:
        """(position, stream, topic) of what one correlation began, latest first.

        ``topics`` are those that begin a stream, or begin it anew.
        """

    @abstractmethod
    def touched(self, since: Sequence[tuple[bytes, int]], *, but_by: UUID) -> dict[bytes, bytes]:
        """Of some streams and parties, those with an event of another correlation, and which.

        ``since`` says of each from behind which position on.
        """

    @abstractmethod
    def findings(self, correlation_id: UUID, *, after: int) -> dict[str, int]:
        """Events of one correlation by the rules they break; one scan of what lies behind it."""


def checked(page: list[Record], after: int) -> list[Record]:
    """The page, if nothing is missing in it. Raises Gap."""
    if page and (
        page[0].position != after + 1 or page[-1].position - page[0].position + 1 != len(page)
    ):
        raise Gap(f"Positions {page[0].position} to {page[-1].position} after {after}: a gap.")
    return page


def chunks(ids: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    some = list(ids)
    for start in range(0, len(some), size):
        yield some[start : start + size]
