"""How the promises are tried: `--hypothesis-profile=quick` leaves failing examples as found."""

from hypothesis import Phase, settings

settings.register_profile("quick", phases=(Phase.explicit, Phase.generate))
