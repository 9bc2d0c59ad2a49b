"""The company's Nutshell instance: its portal translated, and pipelines of its past and plans."""

from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.nutshell.instance import Instance
from connector.sandbox.nutshell.records import State
from connector.sandbox.nutshell.translation import translated


def company_in_nutshell(portal: Portal) -> Instance:
    """The company as a Nutshell instance, with a draft and a retired pipeline of no leads."""
    instance = translated(portal)
    pipelines = instance.pipelines
    pipelines.add_pipeline("Nye markeder", ("Kartlagt", "Kontaktet"), state=State.DRAFT)
    pipelines.add_pipeline("Gammel prosess", ("Kontakt", "Tilbud"), state=State.RETIRED)
    return instance
