"""Builds the object graph; the only place that knows every part.

A part is loaded when something of it is first asked for: the writer needs neither DuckDB nor HTTP.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crm_es.bootstrap.facts import (
        ask_snapshot,
        facts_process,
        facts_standing,
        open_facts,
        publish_facts,
        rebuild_facts,
    )
    from crm_es.bootstrap.following import follow_process
    from crm_es.bootstrap.http import api_process, http_parts, open_reading
    from crm_es.bootstrap.imports import (
        carry_out,
        mapping_of,
        planned_import,
        rehearse_import,
        revert_import,
    )
    from crm_es.bootstrap.reverts import finish_revert
    from crm_es.bootstrap.tenant import (
        NoTenant,
        facts_socket,
        init,
        open_keys,
        open_log,
        settings_of,
        writer_socket,
    )
    from crm_es.bootstrap.views import (
        build_views,
        catch_up,
        open_follow,
        open_views,
        rebuild_views,
        unpark_views,
        verify_views,
    )
    from crm_es.bootstrap.writing import (
        OwnCrm,
        open_async_submitter,
        open_submitter,
        writer_process,
    )

__all__ = [
    "NoTenant", "OwnCrm", "api_process", "ask_snapshot", "build_views", "carry_out", "catch_up",
    "facts_process", "facts_socket", "facts_standing", "finish_revert", "follow_process",
    "http_parts", "init", "mapping_of", "open_async_submitter", "open_facts", "open_follow",
    "open_keys", "open_log", "open_reading", "open_submitter", "open_views", "planned_import",
    "publish_facts", "rebuild_facts", "rebuild_views", "rehearse_import", "revert_import",
    "settings_of", "unpark_views", "verify_views", "writer_process", "writer_socket",
]  # fmt: skip

if not TYPE_CHECKING:
    _PARTS = {
        "tenant": {
            "NoTenant", "facts_socket", "init", "open_keys", "open_log", "settings_of",
            "writer_socket",
        },
        "writing": {"OwnCrm", "open_async_submitter", "open_submitter", "writer_process"},
        "views": {
            "build_views", "catch_up", "open_follow", "open_views", "rebuild_views",
            "unpark_views", "verify_views",
        },
        "following": {"follow_process"},
        "imports": {
            "carry_out", "mapping_of", "planned_import", "rehearse_import", "revert_import",
        },
        "reverts": {"finish_revert"},
        "facts": {
            "ask_snapshot", "facts_process", "facts_standing", "open_facts", "publish_facts",
            "rebuild_facts",
        },
        "http": {"api_process", "http_parts", "open_reading"},
    }  # fmt: skip

    def __getattr__(name: str) -> Any:
        for part, names in _PARTS.items():
            if name in names:
                found = globals()[name] = getattr(import_module(f"{__name__}.{part}"), name)
                return found
        raise AttributeError(name)
