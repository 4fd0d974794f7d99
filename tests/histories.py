"""Random histories of a whole company: every command there is, on few things, from one seed.

Bodies are made from the schemas of the commands. Half of them are asked for as history, where
broken rules become findings; what is refused has simply not happened.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any
from uuid import UUID

from crm_es.commands import REGISTRY
from crm_es.errors import Refused
from world import START, World, command, submission

BATCH_SIZE = 50
IMPORTS = (UUID(int=0xA1), UUID(int=0xA2))
STAGES = ("new", "talks", "offer", "won", "lost")
ENDING_SHARE = 0.1
NEVER_SHARE = 0.1
NEW_SHARE = 0.01
HANDLES = ("ann", "bob", "eve")
KINDS = ("customer", "lead", "opportunity", "call", "visit", "case", "product")
FIELDS = {"segment": ("text", ("home", "industry")), "score": ("number", ("1", "2.5"))}

_SAME_KIND = {
    "person_id": "customer_id", "organisation_id": "customer_id", "contact_id": "customer_id",
    "parent_id": "customer_id", "returns_order_id": "order_id", "by_call_id": "call_id",
    "by_case_id": "case_id", "of_case_id": "case_id", "linked_id": "case_id",
    "about_id": "opportunity_id", "stream_id": "order_id", "touched_by": "call_id",
}  # fmt: skip
"""Fields that name a thing of a kind by another name than its own."""

_FEW = {"campaign_id": 2, "response_id": 3, "spend_id": 3, "pipeline_id": 2}
"""Of these so many, so that they meet often enough."""

_WORDS: dict[str, Sequence[Any]] = {
    **dict.fromkeys(("owner", "agent", "assignee", "by", "manager", "handle"), HANDLES),
    "stage": STAGES, "reason": ("price", "rival", "mistake"), "currency": ("EUR", "EUR", "USD"),
    "country": ("DE", "FR"), "tier": ("A", "B"), "arm": ("mail", "control"), "sku": ("P1", "P2"),
    "wave": ("first", "second"), "group": ("north", "south"), "team": ("sales", "care"),
    "value": ("10.50", "99"), "about_kind": ("opportunity",), "quantity": ("1", "2", "2.5"),
    "probability": ("0.1", "0.5"), "tolerance": ("0", "0.1"), "discount_rate": ("0", "0.25"),
    "priority": ("low", "high"), "kind": ("mailing", "complaint", "call back"),
    "mapping_sha256": ("ab" * 32,), "sha256": ("cd" * 32,),
}  # fmt: skip
"""Few values for fields where it matters which; of others any of their type will do."""


class History:
    """``run(500)`` asks for 500 commands; the same seed asks for the same ones."""

    def __init__(self, world: World, seed: int, *, things: int = 5, history: float = 0.5) -> None:
        """``things`` of each kind; ``history`` is the share of commands asked for as history."""
        self.world, self.things, self.history = world, things, history
        self.random = Random(seed)
        self.answers: Counter[tuple[str, str]] = Counter()
        """By name and code of refusal, how often; the code is empty where there was none."""
        self._never = sorted(REGISTRY)
        self._ids: dict[str, list[str]] = defaultdict(list)
        self._set_up()

    def run(self, commands: int) -> None:
        for start in range(0, commands, BATCH_SIZE):
            self._batch([self._some_name() for _ in range(min(BATCH_SIZE, commands - start))])

    @property
    def customers(self) -> list[UUID]:
        return [UUID(id) for id in self._ids["customer_id"]]

    @property
    def never_recorded(self) -> list[str]:
        """The commands that have not come through yet; they are asked for more often."""
        return self._never

    def _some_name(self) -> str:
        if self._never and self.random.random() < NEVER_SHARE:
            return self.random.choice(self._never)
        name = self.random.choice((*_NAMES, *_RARE))
        is_kept = not name.startswith(_ENDINGS) or self.random.random() < ENDING_SHARE
        if is_kept:
            return name
        return self._some_name()

    def _set_up(self) -> None:
        for kind in KINDS:
            for name, (type, _) in FIELDS.items():
                self.world.do("DefineField", kind=kind, name=name, type=type)
        for _ in range(2):
            self._batch(["PublishPipeline", "PlanCampaign", "RegisterCustomer", "LaunchCampaign"])

    def _batch(self, names: Sequence[str]) -> None:
        asked = []
        for name in names:
            body = self._body(name)
            is_history = self.random.random() < self.history
            import_id = self.random.choice(IMPORTS) if is_history else None
            try:
                asked.append((name, submission(command(name, **body), import_id=import_id)))
            except ValueError:  # a rule between fields, which a schema does not tell
                self.answers[name, "invalid"] += 1
        answers = self.world.crm.append([[one] for _, one in asked])
        for (name, _), (answer,) in zip(asked, answers, strict=True):
            code = answer.code if isinstance(answer, Refused) else ""
            self.answers[name, code] += 1
            if not code and name in self._never:
                self._never.remove(name)

    def _body(self, name: str) -> dict[str, Any]:
        schema = _schema(name)
        body = self._object(name, schema, schema.get("$defs", {}))
        if name == "PublishPipeline":
            body["stages"] = [
                {"name": stage, "kind": stage if stage in {"won", "lost"} else "open"}
                for stage in STAGES[: -self.random.randrange(1, 3)] + STAGES[-2:]
            ]
        if name in {"DefineField", "DeprecateField"}:
            body |= {"kind": self.random.choice(KINDS), "name": "extra"}
        body.pop("at", None)
        if self.random.random() < 0.6:
            body["at"] = self._past().isoformat()
        else:
            body.pop("at_precision", None)
        return body

    def _value(self, name: str, schema: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
        if "$ref" in schema:
            return self._value(name, known[schema["$ref"].rpartition("/")[2]], known)
        if "anyOf" in schema:
            return self._value(name, self.random.choice(schema["anyOf"]), known)
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        makers = {
            "string": self._text, "array": self._array, "object": self._object,
            "integer": self._integer, "boolean": self._flag,
        }  # fmt: skip
        maker = makers.get(schema["type"])
        return None if maker is None else maker(name, schema, known)

    def _object(
        self, name: str, schema: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        if name == "attributes":
            one = self.random.choice(sorted(FIELDS))
            return {one: self.random.choice(FIELDS[one][1])}
        required = set(schema.get("required", ()))
        return {
            name: self._value(name, part, known)
            for name, part in schema.get("properties", {}).items()
            if name in required or self.random.random() < 0.6
        }

    def _array(self, name: str, schema: Mapping[str, Any], known: Mapping[str, Any]) -> list[Any]:
        size = self.random.randint(max(schema.get("minItems", 0), 1), 3)
        return [self._value(name.removesuffix("s"), schema["items"], known) for _ in range(size)]

    def _integer(self, name: str, schema: Mapping[str, Any], known: Mapping[str, Any]) -> int:
        least: int = schema.get("minimum", 0)
        return max(self.random.choice((1, 2, 60)), least)

    def _flag(self, name: str, schema: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
        return self.random.random() < 0.5

    def _text(self, name: str, schema: Mapping[str, Any], known: Mapping[str, Any]) -> str:
        form, random = schema.get("format"), self.random
        if form == "uuid":
            return self._id(_SAME_KIND.get(name, name))
        if form == "date":
            return (date(2026, 1, 1) + timedelta(days=random.randrange(-40, 40))).isoformat()
        if form == "date-time":
            return (self._past() + timedelta(days=random.randrange(40))).isoformat()
        some = _WORDS.get(name) or schema.get("examples") or (f"{name} one", f"{name} two")
        if schema.get("pattern", "").startswith("^-?[") and name not in _WORDS:
            some = ("0", "1", "2", "2.5", "19.99")
        return str(random.choice(some))

    def _id(self, kind: str) -> str:
        """One of the latest few of a kind: now and then one comes and the oldest is let be."""
        ids, few = self._ids[kind], _FEW.get(kind, self.things)
        if len(ids) < few or self.random.random() < NEW_SHARE:
            ids.append(str(UUID(int=self.random.getrandbits(128), version=4)))
        return self.random.choice(ids[-few:])

    def _past(self) -> datetime:
        now = datetime.fromtimestamp(START / 1e6, UTC)
        return now - timedelta(seconds=self.random.randrange(60 * 86_400))


_NAMES = sorted(REGISTRY)
_ENDINGS = ("Retract", "Close", "Cancel", "Complete", "Abandon", "Retire", "Deprecate", "Reject")
"""What ends a thing is asked for less often, or nothing would ever go on."""
_RARE = ("AcknowledgeCase", "OpenCase", "AcknowledgeCase")
"""What seldom finds the state it needs is asked for more often."""


@cache
def _schema(name: str) -> dict[str, Any]:
    return REGISTRY[name].model_json_schema()
