"""What is said of imports, of definitions of custom attributes and of exchange rates."""

LINES = {
    "import.started": (
        "Import of {files:# file} begun with mapping {mapping}[{is_history:?}, as history]"
    ),
    "import.restarted": "Import taken up again",
    "import.committed": "Import done: {rows:# row}, {used:# row} used, in {seconds:time}",
    "import.failed": "Import failed: {code}",
    "import.abandoned": "Import given up: {reason}",
    "import.revert_started": "Import about to be taken back: {reason}",
    "import.reverted": "Import taken back",
    "field_definition.defined": (
        "Attribute {name} of {kind:word} defined as {type:word}[{is_sealed:?}, sealed]"
    ),
    "field_definition.deprecated": "Attribute no longer used: {reason}",
    "exchange_rate.published": "{units} {currency} are {rate} {into} from {valid_on} on",
    "exchange_rate.corrected": (
        "{units} {currency} are {rate} {into} from {valid_on} on, not {from_rate}"
    ),
    "exchange_rate.retracted": "Rate of {currency} of {valid_on} taken back: {reason}",
}
