"""Every setting, typed; read once, by bootstrap."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

TENANT_FILE = "tenant.toml"
KEY_SIZE_MIN = 32
"""Characters of an API key: one that can be guessed is worse than none."""


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("an IANA time zone such as Europe/Berlin is expected")
    return name


class Settings(BaseSettings):
    """From the environment (``CRM_ES_...``), then the data folder's ``tenant.toml``, then here.

    A setting handed in, as the CLI does with its options, goes before all of them.
    """

    model_config = SettingsConfigDict(
        env_prefix="CRM_ES_", extra="forbid", frozen=True, use_attribute_docstrings=True
    )

    data: Path = Path("data")
    """The folder of this tenant; everything it has lies there."""
    host: str = "127.0.0.1"
    """The address HTTP binds to. Anything but a loopback address needs an API key."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8470
    api_processes: Annotated[int, Field(ge=1, le=64)] = 1
    """How many processes serve HTTP."""
    api_keys: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    """Keys that machines send as ``Authorization: Bearer``, separated by commas.

    Each is ``name:secret``; the name is who is recorded as having acted.
    """
    master_key_file: Path | None = None
    """What wraps the keys of personal data; ``master.key`` in the data folder if not given."""
    memory_limit_mib: Annotated[int, Field(ge=128)] = 512
    """What DuckDB may use in each process that has it."""
    log_level: str = "info"

    business_zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    """The time zone of the company's days and months."""
    fiscal_year_start: Annotated[int, Field(ge=1, le=12)] = 1
    """The month in which the fiscal year begins."""
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "EUR"
    """The reporting currency, and that of amounts that name none."""
    name: str = "tenant"
    """What the company calls this CRM."""

    @field_validator("api_keys", mode="before")
    @classmethod
    def _separated(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(key for part in value.split(",") if (key := part.strip()))
        return value

    @field_validator("api_keys")
    @classmethod
    def _strong(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for key in value:
            name, _, secret = key.get_secret_value().partition(":")
            if not name or len(secret) < KEY_SIZE_MIN or len(set(secret)) < KEY_SIZE_MIN // 4:
                raise ValueError(
                    f"an API key is name:secret, with a random secret of {KEY_SIZE_MIN} characters"
                )
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        given = {**env_settings(), **init_settings()}
        folder = Path(given.get("data") or cls.model_fields["data"].default)
        toml = TomlConfigSettingsSource(settings_cls, folder / TENANT_FILE)
        return init_settings, env_settings, toml

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.business_zone)

    @property
    def folder(self) -> Folder:
        return Folder(self.data, self.master_key_file)


class Folder:
    """Where each thing of a tenant lies."""

    def __init__(self, root: Path, master_key: Path | None = None) -> None:
        self.root = root
        self.tenant = root / TENANT_FILE
        self.master_key = master_key or root / "master.key"
        self.keys = root / "keys.sqlite"
        self.log = root / "log.sqlite"
        self.writer_lock = root / "writer.lock"
        self.views = root / "views"
        self.follow_lock = root / "follow.lock"
        self.pii = root / "pii.sqlite"
        self.mirror = root / "mirror.duckdb"
        self.facts = root / "facts.duckdb"
        self.snapshots = root / "snapshots"
        self.imports = root / "imports"
        self.uploads = self.imports / "uploads"
        self.blobs = root / "blobs"

    @property
    def is_made(self) -> bool:
        return self.log.exists()
