"""What a person at a terminal sees while chains are drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mmm_models.spec.policies import SamplerSpec


@contextmanager
def told_progress(shown: bool, settings: SamplerSpec) -> Iterator[Callable[[int, float], None]]:
    """A bar of draws, or of effective draws where the spec sets their number; call it with draws a chain and ESS."""
    if not shown:
        yield lambda draws, ess: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    total = settings.ess_min
    with Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()) as bar:
        task = bar.add_task(f"{settings.chains} chains, {settings.draws} draws each", total=total)

        def tell(draws: int, ess: float) -> None:
            bar.update(task, completed=min(ess, total or ess), description=f"{draws} draws a chain, ESS {ess:,.0f}")

        yield tell
        bar.update(task, total=1, completed=1)
