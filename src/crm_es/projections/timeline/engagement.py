"""What is said of activities, calls, visits, interactions and web sessions."""

LINES = {
    "activity.recorded": "{kind} {phase:word}[ by {by}][, {outcome}][, {seconds:time}]",
    "activity.scheduled": "{kind} planned[ for {planned_at:when}][, by {owner}]",
    "activity.rescheduled": (
        "{kind} moved to {planned_at:when}[{was_missed:?} after it was missed][: {reason}]"
    ),
    "activity.reassigned": "{kind} given[ to {owner}][, before to {from_owner}]",
    "activity.started": "{kind} begun[ by {by}]",
    "activity.completed": "{kind} done[ by {by}]: {outcome}[, after {seconds:time}]",
    "activity.cancelled": "{kind} called off: {reason}",
    "activity.missed": "{kind} missed[, planned for {planned_at:when}]",
    "activity.retracted": "{kind} taken back: {reason}",
    "call.recorded": (
        "[{direction:known} ]call[ with {agent}][, {result:known}][, {seconds:time}][, {outcome}]"
        "[{needs_callback:?}, wants a callback]"
    ),
    "call.started": "[{direction:known} ]call began to ring[ for {agent}]",
    "call.answered": "{agent} answered the call[ after {wait_seconds:time}]",
    "call.held": "Call put on hold[ by {agent}]",
    "call.resumed": "Call taken up again[ by {agent}][ after {hold_seconds:time} on hold]",
    "call.transferred": "Call handed[ from {from_agent}] to {to_agent}",
    "call.ended": (
        "[{direction:known} ]call ended[ with {agent}][, {result:known}][, {seconds:time}]"
        "[{needs_callback:?}, wants a callback]"
    ),
    "call.dispositioned": "What came of the call: {to_outcome}[, before {from_outcome}]",
    "call.callback_done": "Missed call called back",
    "call.callback_waived": "Callback waived: {reason}",
    "call.linked_to_case": "Call linked to a case",
    "call.unlinked_from_case": "Call no longer linked to a case",
    "call.reattributed": (
        "[{direction:known} ]call found to be with [{customer_id:?}another customer]"
        "[{customer_id:!}nobody known]"
    ),
    "call.retracted": "[{direction:known} ]call taken back: {reason}",
    "visit.recorded": (
        "Visited[ by {agent}][ for {purpose}][, {seconds:time}][, {outcome}]"
        "[, {lines:# item} left][, worth {value:money}]"
    ),
    "visit.planned": "Visit planned for {planned_at:when}[, by {agent}][, for {purpose}]",
    "visit.rescheduled": (
        "Visit moved to {planned_at:when}[, before {from_planned_at:when}][: {reason}]"
    ),
    "visit.checked_in": "[{agent} arrived][{agent:!}Arrived] for the visit",
    "visit.checked_out": "Visit ended[ after {seconds:time}]",
    "visit.reported": (
        "Visit reported[ by {agent}][: {outcome}][, {lines:# item} left][, worth {value:money}]"
    ),
    "visit.no_show": "Nobody was there for the visit[ of {agent}]",
    "visit.cancelled": "Visit called off: {reason}",
    "visit.retracted": "Visit taken back: {reason}",
    "interaction.recorded": (
        "[{direction:known} ]{kind:word}[ by {agent}][ through {channel}][, {type}]"
        "[, about {product}][, worth {value:money}]"
    ),
    "interaction.corrected": "{kind:word} corrected: {reason}",
    "interaction.reattributed": (
        "{kind:word} found to be with [{customer_id:?}another customer]"
        "[{customer_id:!}nobody known]"
    ),
    "interaction.retracted": "{kind:word} taken back: {reason}",
    "web_session.recorded": (
        "Visited the web site[: {pages:# page}][, {seconds:time}][ on a {device}]"
        "[{searched:?}, searched][{messaged:?}, wrote a message][{booked:?}, booked]"
    ),
    "web_session.started": (
        "Came to the web site[ on a {device}][ at {entry_path}][ from {referrer}]"
    ),
    "web_session.page_viewed": "Looked at {path}[, product {sku}]",
    "web_session.identified": "Recognised as the visitor of the web site[, {pages:# page} so far]",
    "web_session.ended": (
        "Left the web site[ after {pages:# page}][, {seconds:time}][{searched:?}, searched]"
        "[{messaged:?}, wrote a message][{booked:?}, booked]"
    ),
    "web_session.reattributed": (
        "Visit to the web site found to be of [{customer_id:?}another customer]"
        "[{customer_id:!}nobody known]"
    ),
    "web_session.retracted": "Visit to the web site taken back: {reason}",
}
