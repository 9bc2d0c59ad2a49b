"""Questions to the user: answered by a flag, at the terminal, or by a default nobody minds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import click


@dataclass(frozen=True, slots=True)
class Asking:
    """How questions are put; where nobody may be asked, a flag or the default answers."""

    may_ask: bool

    def text(
        self,
        question: str,
        flag: str,
        given: str | None,
        default: str | None = None,
        check: Callable[[str], str] = str,
    ) -> str:
        """A line of text; `check` returns it, or raises ValueError with what is wrong with it."""
        if given is not None:
            return checked(check, given)
        if self.may_ask:
            answer: str = click.prompt(
                question, default=default, value_proc=partial(checked, check), err=True
            )
            return answer
        if default is None:
            raise _nobody(question, flag)
        return default

    def choice(self, question: str, given: str | None, choices: Sequence[str], default: str) -> str:
        """One of a few words."""
        if given is not None or not self.may_ask:
            return given or default
        answer: str = click.prompt(question, type=click.Choice(choices), default=default, err=True)
        return answer

    def yes(self, question: str, given: bool | None, *, default: bool) -> bool:
        """A yes or a no."""
        if given is not None or not self.may_ask:
            return default if given is None else given
        return click.confirm(question, default=default, err=True)

    def agreed(self, question: str, flag: str) -> bool:
        """A yes or a no that only somebody can say."""
        if not self.may_ask:
            raise _nobody(question, flag)
        return click.confirm(question, err=True)

    def hidden(self, question: str, default: str | None = None) -> str:
        """A line that is not shown; an empty one where there is a default."""
        answer: str = click.prompt(
            question, default=default, hide_input=True, show_default=False, err=True
        )
        return answer.strip()


def checked(check: Callable[[str], str], answer: str) -> str:
    """What `check` makes of an answer; its ValueError becomes one that people are shown."""
    try:
        return check(answer.strip())
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _nobody(question: str, flag: str) -> click.UsageError:
    return click.UsageError(f"nobody to ask here: {question} Say so with {flag}.")
