"""Which columns of an export are about a person, told by their names: such a column is never taken."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Where somebody can be reached or found.
_CONTACT = re.compile(
    r"e_?mail|phone|mobile|(^|_)fax($|_)|(^|_)contact(er|s)?$|address|street|(^|_)zip($|_)|post(al)?_?code|(^|_)city$"
    r"|latitude|longitude|(^|_)ip($|_)|user_agent|first_?name|last_?name"
)
# Who somebody is; and free text, in which anything may stand.
_NAME_OR_NOTE = re.compile(
    r"(^|_)name$|user_?name|owner|reviewer|birth|gender|(^|_)(note|notes|note_attributes|comment|remark|message|reason)$"
)


def is_contact(column: str) -> bool:
    """Whether a column of that (lower-case) name says how to reach or find a person."""
    return _CONTACT.search(column) is not None


def holds_contacts(left_out: Iterable[str]) -> bool:
    """Whether an export that holds these columns, which are not taken, may say how to reach or find a person.

    Behind a wildcard (`property_*`) anything may stand.
    """
    return any(name.endswith("*") or is_contact(name) for name in left_out)


def is_personal(column: str) -> bool:
    """Whether a column of that (lower-case) name may say who somebody is, or hold text that somebody wrote freely."""
    return is_contact(column) or _NAME_OR_NOTE.search(column) is not None
