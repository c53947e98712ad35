"""`glocal completion`: what a shell needs to complete commands, options and values of `glocal`."""

from __future__ import annotations

import click

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the script that lets SHELL complete commands, options and values with the Tab key.

    Values are formats, languages, files, and names of the project: questions of query, things of explain, documents,
    shapes and source graphs.

    \b
    Install it in bash (4.4 or later), zsh or fish:
      echo 'eval "$(glocal completion bash)"' >> ~/.bashrc
      echo 'eval "$(glocal completion zsh)"' >> ~/.zshrc
      glocal completion fish > ~/.config/fish/completions/glocal.fish

    In zsh the line comes after the one that runs compinit. It works in new terminals.

    Exit code 0: printed; 2: there is no such shell.
    """
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(f"click has no completion for {shell}.")
    script = made(click.Group(), {}, "glocal", "_GLOCAL_COMPLETE")
    # Not `source()`, which runs bash to look at its version, and may not be where the script is used.
    click.echo((script.source_template % script.source_vars()).strip())
