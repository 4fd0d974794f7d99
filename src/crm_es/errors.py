"""The ways the CRM says no. Interfaces translate these, and only these, into replies."""


class Refused(Exception):  # noqa: N818 - reads as what happened, not as a fault
    """The command was understood and turned down; nothing was recorded.

    ``code`` is stable and meant for programs (``case.unassigned``), ``detail`` is for people and
    never repeats a personal value, ``pointer`` is a JSON pointer into the command.
    """

    def __init__(self, code: str, detail: str, *, pointer: str | None = None) -> None:
        super().__init__(detail)
        self.code, self.detail, self.pointer = code, detail, pointer

    def __reduce__(self) -> tuple[object, ...]:
        return _remake, (type(self), self.code, self.detail, self.pointer)


class NotFound(Refused):
    """The command names something that does not exist."""


class Conflict(Refused):
    """A rule, or someone else's newer change, forbids it as things stand."""


class Forbidden(Refused):
    """The actor may not do that."""


class Invalid(Refused):
    """The command makes no sense, whatever the state of things."""


class Unavailable(Refused):
    """It cannot be answered now; the same request may succeed later."""


KINDS: dict[str, type[Refused]] = {
    kind.__name__: kind for kind in (Refused, NotFound, Conflict, Forbidden, Invalid, Unavailable)
}


def _remake(kind: type[Refused], code: str, detail: str, pointer: str | None) -> Refused:
    return kind(code, detail, pointer=pointer)
