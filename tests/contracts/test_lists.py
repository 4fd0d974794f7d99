"""Every list is written down, and nothing that exists is missing from its list."""

from __future__ import annotations

import inspect
import pkgutil
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

from eventsourcing.domain import AggregateCreated

import crm_es.aggregates
import crm_es.commands
from crm_es.aggregates import AGGREGATES, EVENTS
from crm_es.aggregates.base import Aggregate
from crm_es.commands import REGISTRY
from crm_es.commands.base import Command
from crm_es.projections import facts, views
from crm_es.projections.facts import questions
from crm_es.projections.views.base import View


def modules(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield import_module(found.name)


def own_classes(module: ModuleType) -> list[type]:
    kinds = (kind for kind in vars(module).values() if isinstance(kind, type))
    return [kind for kind in kinds if kind.__module__ == module.__name__]


def test_every_aggregate_is_in_the_list() -> None:
    written = {
        kind
        for module in modules(crm_es.aggregates)
        for kind in own_classes(module)
        if issubclass(kind, Aggregate) and "TOPIC" in vars(kind)
    }
    assert written == set(AGGREGATES)
    assert len(AGGREGATES) == len(written)


def test_every_event_bears_the_name_of_its_aggregate_and_one_of_its_own() -> None:
    for aggregate in AGGREGATES:
        for event in aggregate.events():
            assert event.TOPIC.startswith(f"{aggregate.TOPIC}."), event
    assert [topic for topic, n in Counter(kind.TOPIC for kind in EVENTS).items() if n > 1] == []


def test_every_stream_begins_with_an_event_that_can_begin_one() -> None:
    for aggregate in AGGREGATES:
        assert any(issubclass(event, AggregateCreated) for event in aggregate.events()), aggregate


def test_every_command_is_in_the_list() -> None:
    written = {
        kind
        for module in modules(crm_es.commands)
        for kind in own_classes(module)
        if issubclass(kind, Command) and not inspect.isabstract(kind)
    }
    assert written == set(REGISTRY.values())
    assert all(name == kind.__name__ for name, kind in REGISTRY.items())


def test_every_module_of_commands_offers_those_it_has() -> None:
    for module in modules(crm_es.commands):
        if hasattr(module, "COMMANDS"):
            commands = (kind for kind in own_classes(module) if issubclass(kind, Command))
            own = {kind for kind in commands if not inspect.isabstract(kind)}
            assert set(module.COMMANDS) == own, module.__name__
            assert len(module.COMMANDS) == len(own), module.__name__


def test_every_command_is_explained_and_says_what_it_is_about() -> None:
    for kind in REGISTRY.values():
        assert kind.__doc__, kind
        assert kind.__doc__ != Command.__doc__, kind
        has_target = kind.target is not Command.target or kind.TARGET in kind.model_fields
        assert has_target, kind


def test_every_view_is_in_the_list() -> None:
    written = {
        module.VIEW.name
        for module in modules(views)
        if isinstance(getattr(module, "VIEW", None), View)
    }
    assert [view.name for view in views.VIEWS if view.name not in written] == []
    assert written == {view.name for view in views.VIEWS}


QUESTIONS_FOLDER = Path(questions.__file__).parent


def test_every_question_is_in_the_list() -> None:
    written = sorted(path.stem for path in QUESTIONS_FOLDER.glob("*.sql"))
    assert written == sorted(questions.QUESTIONS)


def test_every_fact_and_every_view_over_facts_is_in_its_list() -> None:
    root = Path(facts.__file__).parent
    files = (path.relative_to(root).with_suffix("") for path in root.rglob("*.sql"))
    written = {path.as_posix() for path in files if path.parts[0] != QUESTIONS_FOLDER.name}
    listed = [*facts.FACTS, *facts.VIEWS]
    assert written == set(listed)
    assert len(listed) == len(set(listed))
    assert all(facts.name_of(path).startswith("fact_") for path in facts.FACTS)
    assert not [path for path in facts.VIEWS if facts.name_of(path).startswith("fact_")]
