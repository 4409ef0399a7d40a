"""Puts a weekly CSV and its mapping under `landing/weekly_csv/<name>/`, after the checks that landing would make."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from pathlib import Path, PurePosixPath

from warehouse import remote
from warehouse.errors import DeliveryError
from warehouse.landing import quarantine
from warehouse.landing.discover import LandedFile, LandingFolder
from warehouse.weekly_csv.load import MAPPING_FILES, SOURCE, DatasetRejectedError, read_dataset
from warehouse.weekly_csv.mapping import WeeklyMapping

_DATASET = re.compile(r"[a-z0-9][a-z0-9_-]*")
_CSV = (".csv", ".csv.gz")


def deliver(file: Path, mapping: Path, name: str, landing_url: str) -> str:
    """Check a CSV against its mapping, together with the files that the data set holds already, and copy both.

    A file of the same name is replaced; so is the mapping. Nothing is copied when anything is wrong.

    Args:
        file: a wide CSV (`.csv` or `.csv.gz`), one row a week and market.
        mapping: the YAML that names its columns.
        name: the data set, a folder below `landing/weekly_csv`.
        landing_url: the landing folder, local or any fsspec URL.

    Returns:
        The path or URL of the delivered CSV.

    Raises:
        DeliveryError: a bad name or format, columns of the mapping missing, cells that cannot be read, weeks missing.
        MappingError: the mapping is not usable.
        UnreachableError: the landing folder is at a URL that cannot be reached.
        OSError: a file cannot be read or written.
    """
    if not _DATASET.fullmatch(name):
        raise DeliveryError(
            f"--name {name!r} is not a name of a data set. Use small letters, digits, '_' and '-', such as shop_weekly."
        )
    if not file.name.lower().endswith(_CSV):
        raise DeliveryError(f"{file}: the format is not one that can be read. Deliver .csv or .csv.gz.")
    # Read before anything else, so that its mistakes are told with the name that was given here.
    WeeklyMapping.from_yaml(_text(mapping), file=str(mapping))
    folder, place = LandingFolder.at(landing_url), f"{SOURCE}/{name}"
    with tempfile.TemporaryDirectory(prefix="mixhouse-delivery-") as scratch:
        copies = _held_already(folder, name, file.name, Path(scratch))
        copies[f"{place}/{MAPPING_FILES[0]}"] = mapping
        copies[str(file)] = _unpacked(file, Path(scratch))
        try:
            read_dataset(name, copies)
        except DatasetRejectedError as rejected:
            told = [line for of, found in rejected.problems.items() for line in quarantine.messages_of(found, of)]
            raise DeliveryError("\n".join(told)) from rejected
    target = f"{folder.root}/{place}"
    with remote.reaching(landing_url):
        remote.make_folder(folder.files, target)
        for source, landed in ((mapping, MAPPING_FILES[0]), (file, file.name)):
            remote.put_whole(folder.files, f"{target}/{landed}", source.read_bytes())
    return folder.files.unstrip_protocol(f"{target}/{file.name}") if "://" in landing_url else f"{target}/{file.name}"


def _held_already(folder: LandingFolder, name: str, replaced: str, scratch: Path) -> dict[str, Path]:
    """Copies of the files that stay, in order of arrival: the mapping and the file of the same name do not."""
    copies = {}
    for position, landed in enumerate(folder.list(SOURCE, name, settle_seconds=0, now=dt.datetime.now(dt.UTC))):
        if PurePosixPath(landed.name).name not in (*MAPPING_FILES, replaced):
            target = scratch / str(position)
            target.mkdir()
            copies[landed.name] = folder.copy(landed, target).path
    return copies


def _unpacked(file: Path, scratch: Path) -> Path:
    if not file.is_file():
        raise DeliveryError(f"{file}: no such file. Give the path of the CSV.")
    target = scratch / "delivered"
    target.mkdir()
    here = LandedFile(str(file), str(file.absolute()), file.stat().st_size, None, is_settled=True)
    return LandingFolder.at(str(file.parent.absolute())).copy(here, target).path


def _text(mapping: Path) -> str:
    if not mapping.is_file():
        raise DeliveryError(f"{mapping}: no such file. Give the path of the mapping; examples/weekly_csv holds two.")
    try:
        return mapping.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DeliveryError(f"{mapping} is not UTF-8 text: {error.reason}. Save it as UTF-8.") from error
