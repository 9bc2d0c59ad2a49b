"""Invented Nordic people and firms; any likeness is chance."""

NORWEGIAN = (
    ("Ingrid", "Solheim"),
    ("Lars", "Bjørnstad"),
    ("Kari", "Hauge"),
    ("Øyvind", "Strand"),
    ("Silje", "Nygård"),
)
SWEDISH = (("Åsa", "Lindqvist"), ("Erik", "Sjöberg"), ("Maja", "Öhman"), ("Nils", "Ekdahl"))
FINNISH = (("Aino", "Mäkelä"), ("Juhani", "Koskinen"), ("Elina", "Väisänen"))
FORMER = ("Tor", "Aasen")

_NORWEGIAN_FIRMS = (
    "Fjordkraft Måling",
    "Bergen Vannverk",
    "Sunnmøre Sveis",
    "Lofoten Fryseri",
    "Hardanger Smelteverk",
    "Trøndelag Meieri",
    "Østfold Emballasje",
    "Rogaland Rørteknikk",
    "Finnmark Havbruk",
    "Vestland Betong",
)
_SWEDISH_FIRMS = (
    "Västerås Ventiler",
    "Skåne Kyla",
    "Göta Pappersbruk",
    "Norrland Gruvteknik",
    "Mälardalens Energi",
    "Öresund Logistik",
    "Småland Plåt",
    "Kiruna Mätsystem",
)
_FINNISH_FIRMS = (
    "Tampereen Terästyö",
    "Oulun Voima",
    "Saimaa Sellu",
    "Pohjolan Pumput",
    "Turun Telakka",
    "Lapin Lämpö",
)
FIRMS = {
    "Norge": tuple(f"{name} AS" for name in _NORWEGIAN_FIRMS),
    "Sverige": tuple(f"{name} AB" for name in _SWEDISH_FIRMS),
    "Finland": tuple(f"{name} Oy" for name in _FINNISH_FIRMS),
}
PRODUCTS = ("Trykkmåler", "Strømningsmåler", "Temperaturlogger", "Gassdetektor", "Serviceavtale")
NEED = ("nytt anlegg", "utskifting", "pilot", "utvidelse", "rammeavtale", "kalibrering")
SOURCES = ("DIRECT_TRAFFIC", "ORGANIC_SEARCH", "PAID_SEARCH", "REFERRALS", "OFFLINE")
LOST_REASONS = ("Pris", "Valgte konkurrent", "Ingen beslutning", "Budsjett borte", "Feil tidspunkt")
NEXT_STEPS = (
    "Ring innkjøp",
    "Send tilbud",
    "Avklar budsjett",
    "Møte med driftssjef",
    "Vent på rammeavtale",
)
HOSTILE = (
    "Fjellheis 🚠 måler",
    "عرض أسعار \u202egnirts\u202c",
    "=1+1",
    "[/x] utskifting",
    "Rød \x1b[31mtekst\x1b[0m",
)
