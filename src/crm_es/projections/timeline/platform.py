"""What is said of imports and of definitions of custom attributes."""

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
}
