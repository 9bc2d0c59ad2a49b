"""The methods of JSON-RPC that the sandbox knows.

Nutshell fact, 2026-11: no method edits, makes or deletes a stage or a pipeline.
"""

from collections.abc import Callable
from typing import Any

from connector.sandbox.nutshell.asked import Asked, missing
from connector.sandbox.nutshell.edit_lead import edit_lead
from connector.sandbox.nutshell.entities import (
    lead_entity,
    milestone_entity,
    named_entity,
    outcome_entity,
    stageset_entity,
    team_entity,
    user_entity,
)
from connector.sandbox.nutshell.find_leads import find_leads
from connector.sandbox.nutshell.finding import found
from connector.sandbox.nutshell.records import State

Method = Callable[[Asked], Any]


def _find_users(asked: Asked) -> Any:
    return found(asked, map(user_entity, asked.instance.people.users.values()))


def _find_teams(asked: Asked) -> Any:
    return found(asked, map(team_entity, asked.instance.people.teams.values()))


def _find_stagesets(asked: Asked) -> Any:
    return found(asked, map(stageset_entity, asked.instance.pipelines.stagesets.values()))


def _find_milestones(asked: Asked) -> Any:
    """All stages that are active; INFERRED: those of drafts and retired pipelines are not."""
    pipelines = asked.instance.pipelines
    active = (each for each in pipelines.stagesets.values() if each.state == State.ACTIVE)
    stages = (stage for each in active for stage in pipelines.stages_of(each.id))
    return found(asked, map(milestone_entity, stages))


def _find_outcomes(asked: Asked) -> Any:
    outcomes = asked.instance.catalogue.outcomes.values()
    return found(asked, map(outcome_entity, outcomes), order="description")


def _find_products(asked: Asked) -> Any:
    return found(asked, map(named_entity, asked.instance.catalogue.products.values()))


def _find_sources(asked: Asked) -> Any:
    return found(asked, map(named_entity, asked.instance.catalogue.sources.values()))


def _find_nothing(asked: Asked) -> Any:
    """A list of which the sandbox keeps none."""
    return found(asked, ())


def _get_lead(asked: Asked) -> Any:
    return lead_entity(asked.instance, asked.lead())


def _get_user(asked: Asked) -> Any:
    """A user, the key's own without an id."""
    user = asked.instance.people.users.get(asked.whole("userId", asked.user.id))
    if user is None:
        raise missing("User")
    return user_entity(user)


def _get_team(asked: Asked) -> Any:
    team = asked.instance.people.teams.get(asked.whole("teamId", 0))
    if team is None:
        raise missing("Team")
    return team_entity(team)


def _get_product(asked: Asked) -> Any:
    product = asked.instance.catalogue.products.get(asked.whole("productId", 0))
    if product is None:
        raise missing("Product")
    return named_entity(product)


def _instance_data(asked: Asked) -> Any:
    """What there is to say of the instance; INFERRED: the keys."""
    instance = asked.instance
    return {
        "instanceId": instance.id,
        "siteId": instance.site,
        "name": instance.name,
        "currency": instance.currency,
        "timezone": instance.time_zone,
    }


METHODS: dict[str, Method] = {
    "editLead": edit_lead,
    "findActivities": _find_nothing,
    "findActivityTypes": _find_nothing,
    "findCompetitors": _find_nothing,
    "findCustomFields": _find_nothing,
    "findLead_Outcomes": _find_outcomes,
    "findLeads": find_leads,
    "findMarkets": _find_nothing,
    "findMilestones": _find_milestones,
    "findProducts": _find_products,
    "findSources": _find_sources,
    "findStagesets": _find_stagesets,
    "findTags": _find_nothing,
    "findTeams": _find_teams,
    "findTerritories": _find_nothing,
    "findUsers": _find_users,
    "getLead": _get_lead,
    "getProduct": _get_product,
    "getTeam": _get_team,
    "getUser": _get_user,
    "instanceData": _instance_data,
}
