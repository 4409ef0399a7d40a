"""How the command line refuses bad input: one clear message and a status of its own, never a traceback."""

import typer
from rich.console import Console

BAD_INPUT = 2

errors = Console(stderr=True)


def refuse(message: str) -> typer.Exit:
    """Print one clear message and leave with the status of bad input."""
    errors.print(f"[red]✗[/] {message}", soft_wrap=True, highlight=False)
    return typer.Exit(BAD_INPUT)
