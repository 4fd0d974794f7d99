"""What is said of cases."""

LINES = {
    "case.opened": (
        "{kind:word}[ {number}] opened[ through {channel}][: {category}][, about {product}]"
        "[, priority {priority}][, for {assignee}]"
    ),
    "case.routed": "{kind:word} routed to {group}[, before to {from_group}][: {reason}]",
    "case.assigned": "{kind:word} given to {assignee}[ in {group}][, before to {from_assignee}]",
    "case.acknowledged": "{kind:word} acknowledged[ by {assignee}]",
    "case.started": "{kind:word} taken up[ by {assignee}]",
    "case.pended": "{kind:word} waits for the {pending_on:word}",
    "case.resumed": "{kind:word} goes on[ with {assignee}]",
    "case.resolved": "{kind:word} resolved[ by {assignee}]: {resolution}",
    "case.reopened": "{kind:word} reopened[ after {from_resolution}], {reopenings:# time} in all",
    "case.closed": "{kind:word} closed[: {resolution}]",
    "case.escalated": "{kind:word} escalated to level {to_level}[, to {to}]",
    "case.reclassified": (
        "{kind:word} reclassified[: {category}][, about {product}][, priority {priority}]"
    ),
    "case.marked_duplicate": "{kind:word} found to repeat another",
    "case.rejected": "{kind:word} rejected: {reason}",
    "case.linked": "{kind:word} linked to {link:a}",
    "case.unlinked": "{kind:word} is not about {link:a} after all: {reason}",
    "case.blocked": "{kind:word} waits for another case",
    "case.unblocked": "{kind:word} no longer waits for another case: {reason}",
    "case.updated": (
        "{kind:word} reported as {to_state:word}[ ({source_state})][, with {assignee}]"
        "[ in {group}][: {resolution}]"
    ),
    "case.reattributed": (
        "{kind:word} found to be of [{customer_id:?}another customer][{customer_id:!}nobody known]"
    ),
    "case.retracted": "{kind:word} taken back: {reason}",
}
