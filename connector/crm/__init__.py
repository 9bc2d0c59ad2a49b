"""The only room that talks to a CRM: one adapter each, behind the protocol `model.Crm`."""
