"""Facts for the api while their process is away: the newest snapshot, and our own questions."""

from __future__ import annotations

from contextlib import closing

from crm_es.bootstrap.facts import calendar_of
from crm_es.bootstrap.tenant import open_log
from crm_es.interfaces.facts.app import FactsApp
from crm_es.interfaces.facts.asking import Asking
from crm_es.interfaces.facts.standing_in import PublishedFacts
from crm_es.interfaces.http.stand_in import on_damage
from crm_es.projections.facts import questions
from crm_es.projections.facts.mirror import id_text
from crm_es.projections.facts.plan import Plan
from crm_es.projections.facts.published import Published
from crm_es.settings import Settings


def open_stand_in(settings: Settings) -> FactsApp:
    """Raises NoTenant."""
    with closing(open_log(settings)) as log:
        generation = id_text(log.generation().id)
    published = Published(
        settings.folder.snapshots, Plan(calendar_of(settings)), generation,
        memory_limit_mib=settings.memory_limit_mib // 2,
    )  # fmt: skip

    def head() -> int:
        with closing(open_log(settings)) as log:
            return log.head().position

    facts = PublishedFacts(published, head)
    return FactsApp(Asking(facts, questions.texts()), damaged=on_damage)
