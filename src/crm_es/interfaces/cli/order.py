"""Asking the CRM to do something: ``do`` one command."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import orjson
import typer
from pydantic import ValidationError

from crm_es import bootstrap
from crm_es.application import receipt_from
from crm_es.commands import REGISTRY
from crm_es.commands.base import Command
from crm_es.errors import Refused
from crm_es.interfaces.cli.options import DATA, USAGE, Data, Json, answering, settings, stop
from crm_es.interfaces.cli.output import complain, print_fields, print_json
from crm_es.log.envelope import Circumstances, Submission, new_id

SIMILAR_MAX = 8


def do(
    command: Annotated[str, typer.Argument(help="The command's name, such as RegisterCustomer.")],
    fields: Annotated[
        list[str] | None, typer.Argument(help="key=value; JSON values are taken as such.")
    ] = None,
    *,
    data: Data = DATA,
    actor: Annotated[str, typer.Option(help="Who asks.")] = "cli",
    id: Annotated[str | None, typer.Option(help="The command's id: safe to repeat.")] = None,
    json: Json = False,
) -> None:
    """Issue one command, through the running server or as the log's own writer.

    A field that ends in _id and is left out, where the command needs one, gets a new id.
    """
    kind = _kind(command)
    body = _body(kind, fields or [])
    submission = Submission(_command_id(id), _validated(kind, body), Circumstances(actor))
    with answering():
        submitter = bootstrap.open_submitter(settings(data))
        try:
            answer = submitter.submit([[submission]])[0][0]
        finally:
            submitter.close()
        if isinstance(answer, Refused):
            raise answer
        if not isinstance(answer, bytes):
            raise answer
    receipt = receipt_from(answer)
    result = {
        "command_id": str(receipt.command_id), "stream_id": str(receipt.stream_id),
        "version": receipt.version, "position": receipt.position, "events": receipt.events,
    }  # fmt: skip
    if json:
        print_json(result)
    else:
        print_fields(result)


def _kind(name: str) -> type[Command]:
    if name not in REGISTRY:
        near = [known for known in REGISTRY if name.lower() in known.lower()][:SIMILAR_MAX]
        stop(USAGE, f"There is no command {name}. {'Near: ' + ', '.join(near) if near else ''}")
    return REGISTRY[name]


def _command_id(text: str | None) -> UUID:
    try:
        return new_id() if text is None else UUID(text)
    except ValueError:
        stop(USAGE, "A command's id is a UUID.")


def _body(kind: type[Command], fields: list[str]) -> dict[str, Any]:
    """The fields as JSON values: what reads as JSON and fits its field is that, else text."""
    body: dict[str, Any] = {}
    for pair in fields:
        name, equals, text = pair.partition("=")
        if not equals:
            stop(USAGE, f"{pair}: key=value is expected.")
        body[name] = _value(kind, name, text)
    own = kind.model_fields.get(getattr(kind, "TARGET", ""))
    if own is not None and own.is_required():
        body.setdefault(kind.TARGET, str(new_id()))
    return body


def _value(kind: type[Command], name: str, text: str) -> Any:
    """Text where the field takes text (``7`` is a number only where a number is wanted)."""
    field = kind.model_fields.get(name)
    if field is not None and _takes_text(kind, name):
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _takes_text(kind: type[Command], name: str) -> bool:
    schema = kind.model_json_schema()["properties"].get(name, {})
    options = schema.get("anyOf", [schema])
    return all(option.get("type") in {"string", "null"} for option in options if option)


def _validated(kind: type[Command], body: dict[str, Any]) -> Command:
    try:
        return kind.model_validate_json(orjson.dumps(body))
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False, include_context=False)
        for one in wrong:
            complain(f"{'.'.join(map(str, one['loc']))}: {one['msg']} ({one['type']})")
        raise typer.Exit(USAGE) from None


COMMANDS = (do,)
