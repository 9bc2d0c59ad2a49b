"""The deal properties every portal has."""

from connector.sandbox.hubspot.records import Property

_STORED = (
    Property("amount", "Amount", "number"),
    Property("closed_lost_reason", "Closed Lost Reason"),
    Property("closed_won_reason", "Closed Won Reason"),
    Property("closedate", "Close Date", "datetime"),
    Property("createdate", "Create Date", "datetime"),
    Property("deal_currency_code", "Currency"),
    Property("dealname", "Deal Name"),
    Property("dealstage", "Deal Stage", "enumeration"),
    Property("dealtype", "Deal Type", "enumeration", options=("newbusiness", "existingbusiness")),
    Property("description", "Deal Description"),
    Property("engagements_last_meeting_booked", "Date of last meeting booked", "datetime"),
    Property("hs_analytics_source", "Original Source Type"),
    Property("hs_forecast_probability", "Forecast probability", "number"),
    Property("hs_latest_meeting_activity", "Latest meeting activity", "datetime"),
    Property(
        "hs_manual_forecast_category",
        "Forecast category",
        "enumeration",
        options=("OMIT", "PIPELINE", "BEST_CASE", "COMMIT", "CLOSED"),
    ),
    Property("hs_next_step", "Next step"),
    Property("hs_priority", "Priority", "enumeration", options=("low", "medium", "high")),
    Property("hs_sales_email_last_replied", "Recent Sales Email Replied Date", "datetime"),
    Property("hubspot_owner_id", "Deal owner", "enumeration"),
    Property("notes_last_contacted", "Last Contacted", "datetime"),
    Property("notes_last_updated", "Last Activity Date", "datetime"),
    Property("notes_next_activity_date", "Next Activity Date", "datetime"),
    Property("num_associated_contacts", "Number of Associated Contacts", "number"),
    Property("num_contacted_notes", "Number of times contacted", "number"),
    Property("num_notes", "Number of Sales Activities", "number"),
    Property("pipeline", "Pipeline", "enumeration"),
)
_CALCULATED = (
    Property("amount_in_home_currency", "Amount in company currency", "number"),
    Property("days_to_close", "Days to close", "number"),
    Property("hs_closed_amount", "Closed Deal Amount", "number"),
    Property("hs_closed_amount_in_home_currency", "Closed Deal Amount In Home Currency", "number"),
    Property("hs_closed_won_count", "Is Closed Won (numeric)", "number"),
    Property("hs_createdate", "HubSpot Create Date", "datetime"),
    Property("hs_deal_stage_probability", "Deal probability", "number"),
    Property("hs_deal_stage_probability_shadow", "Deal probability shadow", "number"),
    Property("hs_exchange_rate", "Exchange rate", "number"),
    Property("hs_forecast_amount", "Forecast amount", "number"),
    Property("hs_is_closed", "Is Deal Closed?", "bool"),
    Property("hs_is_closed_count", "Is Closed (numeric)", "number"),
    Property("hs_is_closed_lost", "Is Closed Lost", "bool"),
    Property("hs_is_closed_won", "Is Closed Won", "bool"),
    Property("hs_is_open_count", "Is Open (numeric)", "number"),
    Property("hs_lastmodifieddate", "Last Modified Date", "datetime"),
    Property("hs_merged_object_ids", "Merged Deal IDs"),
    Property("hs_object_id", "Record ID", "number"),
    Property("hs_projected_amount", "Weighted amount", "number"),
    Property("hs_projected_amount_in_home_currency", "Weighted amount (company)", "number"),
    Property("hs_v2_date_entered_current_stage", "Date entered current stage", "datetime"),
    Property("hubspot_team_id", "HubSpot Team", "enumeration"),
)
CALCULATED = frozenset(prop.name for prop in _CALCULATED)  # refused on write


def standard_properties() -> dict[str, Property]:
    """Every property HubSpot defines that the sandbox knows, by name."""
    return {prop.name: prop for prop in (*_STORED, *_CALCULATED)}
