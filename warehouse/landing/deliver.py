"""Puts a file that the installation itself made under landing/, once."""

from __future__ import annotations

from warehouse import remote
from warehouse.landing.discover import LandingFolder


def deliver_once(landing_url: str, source: str, table: str, name: str, content: bytes) -> str | None:
    """Write `<landing>/<source>/<table>/<name>` as a whole, unless there is a file of that name; the place, or None.

    The name must tell the content, such as by its hash: then the same content is delivered once.

    Raises:
        UnreachableError: the landing folder is at a URL that cannot be reached.
    """
    folder = LandingFolder.at(landing_url)
    target = f"{folder.root}/{source}/{table}"
    with remote.reaching(landing_url):
        if folder.files.exists(f"{target}/{name}"):
            return None
        remote.make_folder(folder.files, target)
        remote.put_whole(folder.files, f"{target}/{name}", content)
    return f"{target}/{name}"
