"""What every command shares: it is a frozen request, and it decides on the streams it names."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Precision
from crm_es.commands.fields import Instant

A = TypeVar("A", bound=Aggregate)


def _precision(value: Any) -> Precision:
    if isinstance(value, Precision):
        return value
    if isinstance(value, str) and value in _PRECISIONS:
        return Precision[value.upper()]
    raise PydanticCustomError("field.choice", f"one of {', '.join(_PRECISIONS)} is expected")


_PRECISIONS = [precision.name.lower() for precision in Precision]

TimePrecision = Annotated[
    Precision,
    BeforeValidator(_precision),
    PlainSerializer(lambda precision: precision.name.lower()),
    WithJsonSchema({"type": "string", "enum": _PRECISIONS}),
]


class Desk(Occasion, Protocol):
    """What a command sees while it decides: the streams as the commands before it left them."""

    @property
    def actor(self) -> str: ...
    @property
    def currency(self) -> str:
        """The reporting currency of the tenant, for commands that name none."""

    def get(self, kind: type[A], id: UUID, /) -> A:
        """The aggregate as it stands now. Raises NotFound."""

    def find(self, kind: type[A], id: UUID, /) -> A | None:
        """The aggregate as it stands now, or None. Raises Conflict if the id is another kind's."""

    def standing(self, kind: type[A], id: UUID, /) -> A | None:
        """As ``find``, but None as well for what was taken back: there it may begin anew."""

    def claim(self, kind: str, value: str, owner: UUID) -> None:
        """Reserve a value for one owner, for ever or until released. Raises Conflict if taken."""

    def holder(self, kind: str, value: str) -> UUID | None:
        """Who holds a claimed value now, if anyone."""

    def release(self, kind: str, value: str, owner: UUID) -> None:
        """Give a claimed value back; a value the owner does not hold is left as it is."""

    def claim_sealed(self, kind: str, value: str, owner: UUID) -> None:
        """Reserve a personal value; only a keyed hash of it is kept."""

    def release_sealed(self, kind: str, value: str, owner: UUID) -> None: ...

    def unsealed(self, token: str) -> str | None:
        """The text behind a token, or None once its subject is erased."""


class Command(BaseModel):
    """A request, named in the imperative. It can be refused; an event cannot."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        str_strip_whitespace=True,
        use_attribute_docstrings=True,
        ser_json_timedelta="float",
    )
    TARGET: ClassVar[str]
    """The field that holds the id of the stream the command is about."""
    ALLOWS_FUTURE: ClassVar[bool] = False
    """Whether ``at`` may lie ahead: only where a plan is what happened."""

    at: Instant | None = Field(default=None, description="When it happened; now if left out.")
    at_precision: TimePrecision = Field(
        default=Precision.EXACT, description="How exactly that time is known."
    )

    @property
    def target(self) -> UUID:
        """The stream the command is about; its version is what ``If-Match`` is held against."""
        return getattr(self, self.TARGET)  # type: ignore[no-any-return]

    def reads(self) -> Iterable[UUID]:
        """Every stream the decision may look at or seal for: cold ones load in one query."""
        return (self.target,)

    @abstractmethod
    def decide(self, desk: Desk) -> None:
        """Record events on the aggregates the desk hands out. Raises Refused.

        Pure but for reading ``desk``: no clock, no network, no saving.
        """
