"""How every figure looks: one font scale, one colour a channel, money on the axes. No pyplot, no global state."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmm_models.reporting.money import format_axis_money

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

INK, MUTED, GRID, BASE = "#1f2933", "#66727f", "#e4e7eb", "#cbd2d9"
# Colours that stay apart for colour-blind readers and in print (after Paul Tol's bright and muted schemes).
_CHANNEL_COLOURS = (
    "#4477aa",
    "#ee6677",
    "#228833",
    "#ccbb44",
    "#66ccee",
    "#aa3377",
    "#ee8866",
    "#44bb99",
    "#332288",
    "#999933",
    "#882255",
    "#77aadd",
)


def channel_colours(channels: Sequence[str]) -> dict[str, str]:
    """One colour a channel by its place in the spec, so that a channel looks the same in every figure."""
    return {channel: _CHANNEL_COLOURS[i % len(_CHANNEL_COLOURS)] for i, channel in enumerate(channels)}


def display_name(channel: str) -> str:
    """Return 'Short video' for 'short_video', 'TV' for 'tv'."""
    text = channel.replace("_", " ")
    return text.upper() if len(text) <= 2 else sentence(text)


def new_figure(width: float = 9.0, height: float = 5.0) -> "Figure":
    """A figure of about 900 pixels at 100 dpi on the Agg canvas."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=100, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def headline(figure: "Figure", title: str, subtitle: str) -> None:
    """The takeaway in bold, and below it what is shown, both flush left above the axes."""
    height = figure.get_figheight()
    figure.get_layout_engine().set(rect=(0.0, 0.0, 1.0, 1.0 - 0.62 / height), h_pad=0.06, w_pad=0.08)
    # Dollar signs are money here, never mathematics.
    common = {"x": 0.012, "va": "top", "parse_math": False}
    figure.text(y=1 - 0.09 / height, s=title, fontsize=13.5, fontweight="bold", color=INK, **common)
    figure.text(y=1 - 0.38 / height, s=sentence(subtitle), fontsize=9.5, color=MUTED, **common)


def sentence(text: str) -> str:
    """The text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def tidy(axes: "Axes", *, grid: str = "y") -> None:
    """Only the lines that help to read a value."""
    for side in ("top", "right", "left" if grid == "y" else "bottom"):
        axes.spines[side].set_visible(False)
    for spine in axes.spines.values():
        spine.set_color(BASE)
    axes.grid(axis=grid, color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=MUTED, labelsize=9, length=0)


def money_axis(axis: "Axis", currency: str | None) -> None:
    """Ticks such as $1.2M; `currency` None for counts."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=5))
    axis.set_major_formatter(FuncFormatter(lambda value, _: format_axis_money(value, currency)))


def date_axis(axis: "Axis") -> None:
    """Few dates, each with its year."""
    from matplotlib.dates import AutoDateLocator, DateFormatter

    axis.set_major_locator(AutoDateLocator(minticks=4, maxticks=8))
    axis.set_major_formatter(DateFormatter("%b %Y"))


def to_png(figure: "Figure", dpi: int = 110) -> bytes:
    """The figure as PNG bytes, for asset metadata and run artifacts."""
    from io import BytesIO

    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    return buffer.getvalue()
