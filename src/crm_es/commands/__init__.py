"""Everything the CRM can be asked to do. HTTP, the CLI, the console and the fuzzer read this."""

from crm_es.commands.base import Command
from crm_es.commands.engagement import activity, call, interaction, visit, web_session
from crm_es.commands.marketing import campaign, member
from crm_es.commands.party import affiliation, contact_points, customer, employee, restrictions
from crm_es.commands.platform import exchange_rate, field_definition, import_batch
from crm_es.commands.sales import conversion, lead, opportunity, order, pipeline, product
from crm_es.commands.service import case, case_work

REGISTRY: dict[str, type[Command]] = {
    kind.__name__: kind
    for kind in (
        *customer.COMMANDS,
        *contact_points.COMMANDS,
        *restrictions.COMMANDS,
        *employee.COMMANDS,
        *affiliation.COMMANDS,
        *activity.COMMANDS,
        *call.COMMANDS,
        *visit.COMMANDS,
        *interaction.COMMANDS,
        *web_session.COMMANDS,
        *product.COMMANDS,
        *lead.COMMANDS,
        *conversion.COMMANDS,
        *pipeline.COMMANDS,
        *opportunity.COMMANDS,
        *order.COMMANDS,
        *case.COMMANDS,
        *case_work.COMMANDS,
        *campaign.COMMANDS,
        *member.COMMANDS,
        *import_batch.COMMANDS,
        *field_definition.COMMANDS,
        *exchange_rate.COMMANDS,
    )
}
