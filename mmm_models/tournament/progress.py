"""What a person at a terminal sees while structures are fitted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def told_progress(shown: bool, fits: int) -> Iterator[Callable[[str], None]]:
    """A bar over all fits of a tournament; call it with what is fitted now, before each."""
    if not shown:
        yield lambda what: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns) as bar:
        task = bar.add_task("", total=fits, completed=-1)

        def tell(what: str) -> None:
            bar.update(task, advance=1, description=what)

        yield tell
        bar.update(task, completed=fits)
