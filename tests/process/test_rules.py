from pathlib import Path

import pytest

from connector.errors import FileFaults
from connector.process import check_bindings, load_process, load_processes

BODY = """\
version = 1
key = "p"
label = "P"
language = "en"
active = {active}
[[stage]]
key = "open"
label = "Open"
probability = 0.25
[[stage]]
key = "won"
label = "Won"
probability = 1.0
outcome = "won"
"""
LOST = '[[stage]]\nkey = "lost"\nlabel = "Lost"\nprobability = 0.0\noutcome = "lost"\n'
BINDING = '[[bindings]]\naccount = "norge"\npipeline = "default"\nlanguage = "en"\n'


def messages(folder: Path, crms: dict[str, str], active: str = "true") -> list[str]:
    path = folder / "p.toml"
    text = BODY.format(active=active) + LOST + BINDING
    path.write_text(text.replace("probability = 0.25", "probability = 0.0"))
    faults = check_bindings([load_process(path)], crms)
    return [str(fault).removeprefix(f"{folder}/") for fault in faults]


def test_hubspot_takes_no_open_stage_at_zero_or_one(tmp_path):
    """HubSpot fact, 2026-11: a stage is closed exactly when its probability is 0 or 1."""
    (message,) = messages(tmp_path, {"norge": "hubspot"})
    assert message.startswith("p.toml:9: stage[1].probability: HubSpot closes every deal")
    assert message.endswith("(stage open)")


def test_nutshell_takes_any_probability(tmp_path):
    """A Nutshell lead is open whatever its confidence."""
    assert messages(tmp_path, {"norge": "nutshell"}) == []


def test_an_unknown_account_is_named_with_the_one_meant(tmp_path):
    """A typing error in an account's name is found, with a word on what was probably meant."""
    assert messages(tmp_path, {"norga": "nutshell"}) == [
        'p.toml:21: bindings[1].account: no account "norge"; did you mean "norga"?'
    ]


def test_an_inactive_process_may_be_bound_to_anything(tmp_path):
    """A process put aside stays in its file when its account is gone."""
    assert messages(tmp_path, {}, active="false") == []


@pytest.mark.parametrize(("active", "fails"), [("true", True), ("false", False)])
def test_only_a_draft_may_lack_a_lost_stage(tmp_path, active, fails):
    """What a pipeline taken over lacks can be added before the process is set active."""
    path = tmp_path / "p.toml"
    path.write_text(BODY.format(active=active))
    if fails:
        with pytest.raises(FileFaults, match="a lost stage is missing"):
            load_process(path)
    else:
        assert load_process(path).active is False


def test_several_won_stages_are_allowed(tmp_path):
    """HubSpot allows two stages at 1.0, and connector never deletes one of them."""
    path = tmp_path / "p.toml"
    second = '[[stage]]\nkey = "renewed"\nlabel = "Renewed"\nprobability = 1\noutcome = "won"\n'
    path.write_text(BODY.format(active="true") + LOST + second)
    assert len(load_process(path).stages) == 4


def test_an_inactive_process_may_share_its_pipeline(tmp_path):
    """Last year's process can stay beside this year's, if only one of them is active."""
    new = BODY.format(active="true") + LOST + BINDING
    (tmp_path / "new.toml").write_text(new)
    old = new.replace('key = "p"', 'key = "old"').replace("active = true", "active = false")
    (tmp_path / "old.toml").write_text(old)
    assert len(load_processes(tmp_path)) == 2


@pytest.mark.parametrize(
    ("crm", "managed", "fault"),
    [
        ("hubspot", '"confidence"', '"confidence": HubSpot keeps a probability with each stage'),
        ("nutshell", '"probability"', '"probability": Nutshell keeps no probability with stages'),
        ("nutshell", '"confidence"', None),
        ("nutshell", '"confidence", "order"', None),
        ("hubspot", '"probability", "order"', None),
    ],
)
def test_what_a_crm_has_nothing_of_cannot_be_managed(tmp_path, crm, managed, fault):
    """The fault says what the CRM has instead; what no API can write is left to an admin."""
    path = tmp_path / "p.toml"
    path.write_text(f"{BODY.format(active='true')}{LOST}{BINDING}manage = [{managed}]\n")
    faults = check_bindings([load_process(path)], {"norge": crm})
    assert len(faults) == (fault is not None)
    if fault:
        assert fault in str(faults[0])
        assert f"{path}:24: bindings[1].manage" in str(faults[0])
