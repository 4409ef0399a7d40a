"""Money and ratios as people read them: $1.2M, €850k, 2.31."""

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
_STEPS = ((1e9, "B"), (1e6, "M"), (1e3, "k"))
# Below this money is no money.
_NOTHING = 1e-6


def format_money(value: float, currency: str | None = "USD", *, digits: int = 3) -> str:
    """Return `value` with about `digits` significant digits, e.g. '$1.23M', '-€850k', 'SEK 12.0k'.

    With `currency=None` the value is a count: '1.23M'.
    """
    if abs(value) < _NOTHING:
        value = 0.0  # a difference of sums that are equal but for rounding
    amount, suffix = abs(value), ""
    for step, letter in _STEPS:
        # 999,999 rounds to 1.00M, not to 1000k
        if amount >= step * (1 - 0.5 * 10**-digits):
            amount, suffix = amount / step, letter
            break
    whole = len(str(int(amount)))
    figure = f"{amount:.{max(0, digits - whole)}f}" if suffix or amount < 100 else f"{amount:,.0f}"
    if not suffix and value == 0:
        figure = "0"
    symbol = "" if currency is None else _SYMBOLS.get(currency, f"{currency} ")
    return f"{'-' if value < 0 else ''}{symbol}{figure}{suffix}"


def format_axis_money(value: float, currency: str | None = "USD") -> str:
    """Axis labels: as short as they can be, e.g. '$1.2M', '$500k', '0'."""
    text = format_money(value, currency, digits=3)
    head = text.rstrip("kMB")
    tail = text[len(head) :]
    if "." in head:
        head = head.rstrip("0").rstrip(".")
    return head + tail


def format_ratio(mean: float, low: float, high: float) -> str:
    """Return 'x.xx [lo, hi]', the form of every ROAS in tables people read."""
    return f"{mean:.2f} [{low:.2f}, {high:.2f}]"


def format_interval(mean: float, low: float, high: float, currency: str | None = "USD") -> str:
    """Return '$1.23M [$1.10M, $1.36M]'."""
    return f"{format_money(mean, currency)} [{format_money(low, currency)}, {format_money(high, currency)}]"


def format_percent(share: float) -> str:
    """Return a share as a percentage without false precision, e.g. '97 %', '0.3 %', '>99 %'."""
    percent = 100 * share
    if 0 < percent < 0.1:
        return "<0.1 %"
    if 99 < percent < 100:
        return ">99 %"
    return f"{percent:.1f} %" if 0 < abs(percent) < 1 else f"{percent:.0f} %"


def format_change(before: float, after: float) -> str:
    """Return '+12 %', '−50 %', '=' for less than half a percent, 'new' from nothing."""
    if before <= 0:
        return "new" if after > 0 else ""
    percent = 100 * (after / before - 1)
    return "=" if abs(percent) < 0.5 else f"{percent:+.0f} %".replace("-", "−")


def outcome_currency(outcome: str, currency: str) -> str | None:
    """The currency when the outcome is money, None when it counts things (orders, customers, leads)."""
    money_words = ("revenue", "sales", "turnover", "gmv", "profit", "margin", "income", "pipeline")
    return currency if any(word in outcome.lower() for word in money_words) else None


def certificate(gap: float | None) -> str:
    """What the upper bound says about a plan: how much better any plan within the bounds could be."""
    if gap is None:
        return "no bound on better plans known"
    if gap < 5e-5:
        return "no plan within the bounds is worth more"
    return f"no plan within the bounds is worth over {100 * gap:.2f} % more"
