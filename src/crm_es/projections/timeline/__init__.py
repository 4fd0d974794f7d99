"""What happened, in words: one line for every kind of event, read from the log when asked for."""

from crm_es.projections.timeline import engagement, marketing, party, platform, sales, service
from crm_es.projections.timeline.wording import Words, worded

TIMELINE: dict[str, Words] = {
    topic: worded(template)
    for lines in (
        party.LINES, engagement.LINES, sales.LINES, service.LINES, marketing.LINES, platform.LINES
    )
    for topic, template in lines.items()
}  # fmt: skip
