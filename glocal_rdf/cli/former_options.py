"""Keeps the former names of options working for one release: without help, and with a note that names the new one."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

from glocal_rdf.cli.output import print_note

__all__ = ["former_option"]

F = TypeVar("F", bound=Callable[..., Any])


def former_option(former: str, today: str, *, off: str = "") -> Callable[[F], F]:
    """Return a decorator that accepts the former name of an option of the command below it.

    Args:
        former: The former name, such as `--time-limit`.
        today: The option of today, such as `--timeout`; or with a value, such as `--format csv`, for a former flag.
        off: The former name of what turns a flag off, such as `--no-ontology`.
    """
    name, _, constant = today.partition(" ")
    key = "former_" + former.lstrip("-").replace("-", "_")

    def decorate(function: F) -> F:
        options = [one for one in getattr(function, "__click_params__", ()) if name in one.opts]
        if not options:
            raise ValueError(f"the command has no option {name}")
        option = options[0]

        @wraps(function)
        def run(*args: Any, **values: Any) -> Any:
            ctx = click.get_current_context()
            value = values.pop(key)
            if ctx.get_parameter_source(key) is click.core.ParameterSource.COMMANDLINE:
                if ctx.get_parameter_source(option.name) is click.core.ParameterSource.COMMANDLINE:
                    raise click.UsageError(f"{former} is a former name of {today}; give one of them.", ctx)
                note = f"{former} is called {today} now, and its former name will not work in the next release"
                print_note(note if value or not off else f"{off} is the default, and will not work in the next release")
                values[option.name] = constant or value
                ctx.set_parameter_source(option.name, click.core.ParameterSource.COMMANDLINE)
            return function(*args, **values)

        wrapped: Any = run
        if constant or off:
            names = f"{former}/{off}" if off else former
            alias: click.Option = click.Option([names, key], is_flag=True, hidden=True)
        else:
            alias = copy.copy(option)
            alias.name, alias.opts, alias.secondary_opts, alias.hidden = key, [former], [], True
        wrapped.__click_params__ = [*wrapped.__click_params__, alias]
        found: F = wrapped
        return found

    return decorate
