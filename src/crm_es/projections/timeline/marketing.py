"""What is said of campaigns and their members."""

LINES = {
    "campaign.planned": (
        "Campaign {name} planned[, {kind}][, through {channel}][, {arms:# arm}][, by {owner}]"
        "[, from {starts_on}][ to {ends_on}]"
    ),
    "campaign.budget_approved": "Budget of {budget:money} approved[, before {from_budget:money}]",
    "campaign.launched": "Campaign launched",
    "campaign.paused": "Campaign paused[: {reason}]",
    "campaign.resumed": "Campaign resumed",
    "campaign.completed": "Campaign completed at a cost of {spent:money}",
    "campaign.cancelled": "Campaign called off: {reason}",
    "campaign.spend_recorded": (
        "{amount:money} spent[ on {channel}][, {clicks:# click}][, {impressions:# impression}]"
    ),
    "campaign.spend_retracted": "Spend of {amount:money} taken back: {reason}",
    "campaign.retracted": "Campaign taken back: {reason}",
    "campaign_member.targeted": "Targeted by a campaign[, arm {arm}][{is_control:?}, as control]",
    "campaign_member.noticed": "Heard of in a campaign without being targeted",
    "campaign_member.retargeted": (
        "Targeted by a campaign in another arm[: {arm}][{is_control:?}, as control]"
    ),
    "campaign_member.touched": "Reached by a campaign[ through {channel}][, wave {wave}]",
    "campaign_member.responded": "Responded to a campaign: {kind}[, {value:money}]",
    "campaign_member.response_reclassified": (
        "Response to a campaign reclassified as {evidence:word}, before {from_evidence:word}"
    ),
    "campaign_member.response_retracted": (
        "Response to a campaign taken back: {kind}[, {value:money}], {reason}"
    ),
    "campaign_member.opted_out": "Opted out of a campaign[: {reason}]",
    "campaign_member.retracted": "Membership in a campaign taken back: {reason}",
}
