"""What is said of products, leads, pipelines, opportunities and orders."""

LINES = {
    "product.registered": (
        "Product {sku} registered[: {name}][, {category}][, price {price:money}]"
        "[, cost {cost:money}]"
    ),
    "product.renamed": "Product renamed: {name}",
    "product.recategorised": "Product recategorised[ from {from_category}][ to {to_category}]",
    "product.price_changed": "Price changed[ from {from_price:money}] to {to_price:money}",
    "product.cost_changed": "Cost changed[ from {from_cost:money}] to {to_cost:money}",
    "product.attributes_changed": "Product attributes changed[: {attributes:list}]",
    "product.bundled": "Product made a bundle of {parts:# part}",
    "product.status_changed": "Product went from {from_status:word} to {to_status:word}",
    "product.retracted": "Product taken back: {reason}",
    "lead.captured": (
        "Lead captured[ through {origin}][ on {page}][, campaign {campaign}][, for {owner}]"
    ),
    "lead.assigned": "Lead given to {owner}[, before to {from_owner}]",
    "lead.scored": "Lead scored {to_score}[, before {from_score}][, by {model}]",
    "lead.worked": "Lead taken up[ by {owner}]",
    "lead.qualified": "Lead qualified[ by {owner}]",
    "lead.converted": "Lead converted[ by {owner}][{opportunity_id:?}, with a deal]",
    "lead.recycled": "Lead put back for later: {reason}",
    "lead.disqualified": "Lead given up: {reason}",
    "lead.retracted": "Lead taken back: {reason}",
    "pipeline.published": "Pipeline {name} published with {stages:# stage}",
    "pipeline.republished": "Edition {edition} of pipeline {name} published with {stages:# stage}",
    "pipeline.retired": "Pipeline retired: {reason}",
    "opportunity.opened": (
        "Deal opened at {stage}[ by {owner}][, {product}][, {amount:money}]"
        "[, expected to close on {expected_close_on}]"
    ),
    "opportunity.stage_advanced": (
        "Deal advanced from {from_stage} to {to_stage}[, {amount:money}] at {probability:%}"
    ),
    "opportunity.stage_regressed": (
        "Deal fell back from {from_stage} to {to_stage}[, {amount:money}] at {probability:%}"
    ),
    "opportunity.held": "Deal put on hold at {stage}: {reason}",
    "opportunity.resumed": "Deal taken up again at {stage}",
    "opportunity.migrated": "Deal moved to edition {to_edition} of its pipeline",
    "opportunity.lead_linked": "Deal linked to the lead it came from",
    "opportunity.amount_revised": "Deal revised[ from {from_amount:money}] to {to_amount:money}",
    "opportunity.close_date_moved": (
        "Deal expected to close on {to_date}[, before on {from_date}][, pushed {pushes:# time}]"
    ),
    "opportunity.probability_overridden": (
        "Chance of the deal set from {from_probability:%} to {to_probability:%}: {reason}"
    ),
    "opportunity.assigned": "Deal given to {to_owner}[, before to {from_owner}]",
    "opportunity.competitor_linked": "Competitor for the deal: {competitor}",
    "opportunity.won": "Deal won[ by {owner}][: {amount:money}][ for {product}]",
    "opportunity.lost": (
        "Deal lost at {from_stage}[, {amount:money}][: {reason}][, to {competitor}]"
    ),
    "opportunity.abandoned": "Deal given up at {stage}[, {amount:money}]: {reason}",
    "opportunity.reopened": "Deal reopened at {to_stage}[, {amount:money}]: {reason}",
    "opportunity.retracted": "Deal taken back: {reason}",
    "order.placed": (
        "{kind:word}[ {number}] placed: {line_count:# line}, {amount:money}[, sold by {owner}]"
        "[, through {channel}][, at {place}]"
    ),
    "order.confirmed": "Order confirmed",
    "order.line_allocated": "{quantity} of line {line} set aside",
    "order.delivery_promised": "Delivery promised for {promised_on}",
    "order.promise_revised": (
        "Delivery promised for {promised_on} instead of {from_date}[: {reason}]"
    ),
    "order.shipped": (
        "[{is_complete:?}All of the order shipped]"
        "[{is_complete:!}Part of the order shipped]: {lines:# line}"
        "[, promised for {promised_on}]"
    ),
    "order.delivered": (
        "[{is_complete:?}All of the order delivered]"
        "[{is_complete:!}Part of the order delivered][: {lines:# line}]"
    ),
    "order.returned": "[{lines:# line}][{lines:!}Nothing] returned, {amount:money}[: {reason}]",
    "order.cancelled": "{kind:word} cancelled, {amount:money}[: {reason}]",
    "order.closed": "Order closed",
    "order.retracted": "{kind:word} taken back, {amount:money}[: {reason}]",
}
