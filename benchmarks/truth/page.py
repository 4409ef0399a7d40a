"""Fill the table of docs/truth.md from the results that are kept: `python -m benchmarks.truth.page`."""

from __future__ import annotations

import json

import pandas as pd

from benchmarks.provenance import PROJECT

PAGE, RESULTS = PROJECT / "docs" / "truth.md", PROJECT / "benchmarks" / "results" / "truth.json"
BEGIN, END = "<!-- truth: begin -->", "<!-- truth: end -->"


def filled(page: str, results: dict) -> str:
    """The page with the table of `results` between its two marks. Raises ValueError for a page without them."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page lacks {BEGIN} or {END}; put both where the table shall stand")
    rows = pd.DataFrame(results["rows"])
    rows["cell"] = [_cell(error, cover) for error, cover in zip(rows.roas_error, rows.cover_90, strict=True)]
    wide = rows.pivot(index="world", columns="who", values="cell")
    wide = wide.loc[rows.world.unique(), rows.who.unique()].reset_index()
    wide.insert(1, "seeds", wide["world"].map(rows.groupby("world")["fits"].max()))
    source = f"Commit {results['commit']}, {results['machine']}, {results['at'][:10]}."
    return f"{before}{BEGIN}\n{wide.to_markdown(index=False)}\n\n{source}\n{END}{after}"


def _cell(error: float, cover: float | None) -> str:
    known = cover is not None and cover == cover
    return f"{error:.0%} ({cover:.0%})" if known else f"{error:.0%} (-)"


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(), json.loads(RESULTS.read_text())))
