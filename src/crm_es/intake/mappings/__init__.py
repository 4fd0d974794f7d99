"""The mappings that come with the CRM, one TOML for each source."""

from importlib.resources import files


def shipped_names() -> list[str]:
    names = [entry.name for entry in files(__name__).iterdir()]
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))
