"""``argosy completion``: what a shell needs to complete commands, options and the names of a book."""

from __future__ import annotations

import click

HOW = {
    "bash": 'add to ~/.bashrc: eval "$(argosy completion bash)"',
    "zsh": 'add to ~/.zshrc: eval "$(argosy completion zsh)"',
    "fish": "argosy completion fish > ~/.config/fish/completions/argosy.fish",
}


@click.command(
    "completion", epilog='Example: argosy completion bash, and in ~/.bashrc: eval "$(argosy completion bash)"'
)
@click.argument("shell", type=click.Choice(sorted(HOW)))
def completion_command(shell: str) -> None:
    """Print the completion script of a shell.

    Completes commands, options and the codes of portfolios and groups of the book. SHELL is bash, zsh or fish.
    """
    from click.shell_completion import get_completion_class

    from argosy.interfaces.cli.root import cli

    found = get_completion_class(shell)
    assert found is not None, f"click lost its completion for {shell}"
    script = found(cli, {}, "argosy", "_ARGOSY_COMPLETE")
    # The bash class asks which bash is installed before it gives its script; the script itself does not depend on it.
    click.echo(script.source_template % script.source_vars())
