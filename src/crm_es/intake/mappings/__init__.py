"""The mappings that come with the CRM, one TOML for each source."""
