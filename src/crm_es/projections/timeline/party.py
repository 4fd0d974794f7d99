"""What is said of customers, employees and affiliations."""

LINES = {
    "customer.registered": (
        "Registered as {kind:word}[ in {country}][, tier {tier}][, looked after by {owner}]"
        "[, from {source}][ {source_id}]"
    ),
    "customer.renamed": "Renamed",
    "customer.tax_id_changed": "Tax number changed",
    "customer.preference_stated": "Prefers for {topic}: {value}",
    "customer.tier_changed": "Tier changed[ from {from_tier}][ to {to_tier}][: {reason}]",
    "customer.ownership_transferred": "Handed over[ from {from_owner}][ to {to_owner}][: {reason}]",
    "customer.parent_set": (
        "[{parent_id:?}Placed under another organisation]"
        "[{parent_id:!}No longer placed under another organisation]"
    ),
    "customer.country_changed": "Country changed[ from {from_country}][ to {to_country}]",
    "customer.attributes_changed": "Attributes changed[: {attributes:list}]",
    "customer.role_granted": "Became a {role:word}",
    "customer.role_ended": "Is no longer a {role:word}",
    "customer.lifecycle_changed": "Went from {from_stage:word} to {to_stage:word}[: {reason}]",
    "customer.closed": "Relationship closed: {reason}",
    "customer.won_back": "Won back[: {reason}]",
    "customer.retracted": "Registration taken back: {reason}",
    "customer.contact_point_added": "Contact point added: {channel:word}[, {label}]",
    "customer.contact_point_verified": "Contact point verified: {channel:word}",
    "customer.contact_point_invalidated": (
        "Contact point found not to work: {channel:word}, {reason}"
    ),
    "customer.contact_point_removed": "Contact point removed: {channel:word}",
    "customer.declared_unreachable": "Declared unreachable: {reason}",
    "customer.restriction_proposed": "{by} proposed to restrict {scope:word}: {reason}",
    "customer.restricted": "{by} restricted {scope:word}: {reason}",
    "customer.restriction_lifted": (
        "[{was_active:?}Restriction of {scope:word} lifted]"
        "[{was_active:!}Restriction of {scope:word} turned down]: {reason}"
    ),
    "employee.registered": (
        "{handle} joined[ team {team}][, reporting to {manager}][, since {since}]"
    ),
    "employee.renamed": "{handle} renamed",
    "employee.team_changed": "{handle} moved[ from team {from_team}][ to team {to_team}]",
    "employee.manager_changed": (
        "Manager of {handle} changed[ from {from_manager}][ to {to_manager}]"
    ),
    "employee.left": "{handle} left[ team {team}][: {reason}]",
    "employee.came_back": "{handle} came back[ to team {team}]",
    "employee.retracted": "Registration of {handle} taken back: {reason}",
    "affiliation.started": (
        "Affiliation began[: {role}][{is_primary:?}, the primary one][, until {until:when}]"
    ),
    "affiliation.title_changed": "Title at the organisation changed[: {role}]",
    "affiliation.primary_changed": (
        "Affiliation became [{is_primary:?}the primary one][{is_primary:!}a secondary one]"
    ),
    "affiliation.ended": "Affiliation ended[: {reason}]",
    "affiliation.retracted": "Affiliation taken back: {reason}",
}
