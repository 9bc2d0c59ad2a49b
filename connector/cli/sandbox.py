"""`connector sandbox`."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from connector.sandbox import Fault, Portal, Sandbox
    from connector.sandbox.world import Truth

_MEANT_FOR = {
    "pat-sandbox-read": "for reading, all that pull, drift and plan need",
    "pat-sandbox-write": "for writing, which apply alone does",
    "pat-sandbox-lacking": "to try what a missing scope does: it reads deals, but not their owners",
}


@click.command()
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Serve deals.csv and stage_events.csv of a folder instead of a made-up company.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="0 takes a free one.",
)
@click.option(
    "--latency",
    type=click.FloatRange(0),
    default=0.0,
    metavar="SECONDS",
    help="How long every answer takes.",
)
@click.option(
    "--rate",
    type=click.IntRange(1),
    metavar="REQUESTS",
    help="Requests allowed in ten seconds; no limit without it.",
)
@click.option(
    "--index-lag",
    type=click.FloatRange(0),
    default=0.0,
    metavar="SECONDS",
    help="How late an edit shows in search.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME",
    help="A fault to inject, several for several; --faults lists them.",
)
@click.option(
    "--faults", "listing", is_flag=True, help="List the names of faults and what each one does."
)
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    help="Which company is made up, and when faults strike.",
)
@click.option(
    "--world",
    "number",
    type=int,
    metavar="SEED",
    help="Serve a world whose truth is known, and print what was planted in it.",
)
def sandbox(
    data: Path | None,
    port: int,
    latency: float,
    rate: int | None,
    index_lag: float,
    faults: tuple[str, ...],
    listing: bool,
    seed: int,
    number: int | None,
) -> None:
    """Serve an emulated HubSpot and Nutshell here, to try connector without a real account.

    They hold the same company on one port, answer as the real ones do, quirks included, and forget
    everything when the command ends. With --fault they break on purpose, the same way each time for
    the same --seed.
    """
    from connector.sandbox import Sandbox
    from connector.sandbox.company.in_nutshell import company_in_nutshell
    from connector.sandbox.nutshell.translation import translated

    if listing:
        _list_faults()
        return
    if data and number is not None:
        raise click.UsageError("--world says what is served; leave out --data")
    injected = _injected(faults)
    portal = _portal(data, seed, number)
    in_nutshell = translated if data or number is not None else company_in_nutshell
    try:
        server = Sandbox(
            portal,
            instance=lambda: in_nutshell(portal),
            port=port,
            latency=latency,
            rate=rate,
            index_lag=index_lag,
            faults=injected,
            seed=seed,
        )
    except OSError as error:
        raise click.ClickException(
            f"port {port} cannot be taken: {error.strerror}; --port 0 takes a free one"
        ) from None
    _introduce(server)
    server.serve_forever()


def _introduce(server: "Sandbox") -> None:
    from connector.sandbox.nutshell.instance import ADMIN, ADMIN_KEY, NAMED_KEY
    from connector.sandbox.nutshell.translation import RESTRICTED

    click.echo(f"sandbox: {server.url}  (Ctrl-C ends it)")
    click.echo(f'config.toml:  base_url = "{server.url}"')
    for key, scopes in server.portal.keys.items():
        click.echo(f"key {key}: {_MEANT_FOR[key]}\n  {' '.join(sorted(scopes))}")
    click.echo("Nutshell: the same company, with one of these users and one of these keys")
    click.echo(f"  user {ADMIN}: sees everything")
    click.echo(f"  user {RESTRICTED}: sees only the leads of its team")
    click.echo(f"  key {ADMIN_KEY}: edits are logged as the user's")
    click.echo(f"  key {NAMED_KEY}: edits are logged as the key's")


def _list_faults() -> None:
    from connector.sandbox.named_faults import named

    for name, fault in named().items():
        click.echo(f"{name:<16} {fault.words}")


def _injected(names: tuple[str, ...]) -> "list[Fault]":
    from connector.sandbox.named_faults import faults

    try:
        return faults(*names)
    except KeyError as unknown:
        raise click.UsageError(f"there is no fault {unknown}; --faults lists them") from None


def _portal(data: Path | None, seed: int, number: int | None) -> "Portal":
    from connector.sandbox import company
    from connector.sandbox.world import world

    if data:
        return _from_files(data)
    if number is None:
        return company(seed)
    made = world(number)
    for line in _planted(made.truth):
        click.echo(f"world {number}: {line}")
    return made.portal


def _planted(truth: "Truth") -> Iterator[str]:
    """What a report should find."""
    if truth.weak_rep:
        yield f"{truth.weak_rep} Rep moves deals on {truth.weak_by} times as often as the others"
    if truth.drifting_product:
        since = f"{truth.drift_from:%Y-%m-%d}"
        yield f"{truth.drifting_product} move on {truth.drift_by} times as often since {since}"
    if truth.overrated:
        yield f"{truth.overrated} is configured {truth.overrated_by} above its true probability"
    if not (truth.weak_rep or truth.drifting_product or truth.overrated):
        yield "nothing is planted; reps, products and probabilities are as they seem"
    yield 'to see products, configure fields = { product = "product_line" }'


def _from_files(folder: Path) -> "Portal":
    from connector.sandbox import from_csv

    try:
        return from_csv(folder)
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None
    except ValueError as error:
        raise click.ClickException(f"{folder} cannot be served: {error}") from None
