"""The same company in the other CRM: a portal's deals as the leads of an instance."""

from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.nutshell.instance import Instance
from connector.sandbox.nutshell.translation.life import Translator
from connector.sandbox.nutshell.translation.people import move_in
from connector.sandbox.nutshell.translation.stages import lay_out

__all__ = ["RESTRICTED", "translated"]

RESTRICTED = "restricted@example.com"


def translated(portal: Portal) -> Instance:
    """An instance with the portal's people, pipelines and deals as they stand now.

    Open stages become stages, closed ones outcomes, histories events of whole seconds. A lead keeps
    its deal's name; a stage moves the confidence by the automation, with and after the translation.
    What happens to the portal later does not reach the instance.
    """
    with portal.lock:
        instance = Instance(
            str(portal.id),
            name=portal.name,
            currency=portal.currency,
            time_zone=portal.time_zone,
        )
        instance.clock = portal.clock
        actors = move_in(portal, instance)
        places = lay_out(portal, instance)
        team = next(iter(instance.people.teams.values()), None)
        instance.people.add_user(
            "Restricted", RESTRICTED, teams=[team] if team else [], restricted=True
        )
        translator = Translator(portal, instance, actors, places)
        instance.automation = translator.confidence
        for deal in sorted(portal.deals.values(), key=lambda deal: (deal.created, deal.id)):
            translator.tell(deal)
        return instance
