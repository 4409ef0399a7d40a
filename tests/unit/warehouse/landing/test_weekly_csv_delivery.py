"""`csv add`: what landing would reject is refused before it is copied."""

import gzip

import pytest

from warehouse.errors import DeliveryError, MappingError
from warehouse.weekly_csv import deliver

MAPPING = "date: week\nmarket: US\ncurrency: USD\noutcome: {revenue: sales}\nspend: {tv: tv_cost}\n"
HEADER = "week,sales,tv_cost\n"
MARCH = HEADER + "2024-03-04,100,5\n2024-03-11,110,0\n"


@pytest.fixture
def desk(tmp_path):
    """A folder with a mapping under a name of its own and a CSV, as a person has them."""
    (tmp_path / "shop_mapping.yaml").write_text(MAPPING)
    (tmp_path / "march.csv").write_text(MARCH)
    return tmp_path


def add(desk, landing, file="march.csv", name="shop", mapping="shop_mapping.yaml"):
    return deliver(desk / file, desk / mapping, name, str(landing.folder))


def landed(landing):
    return sorted(path.relative_to(landing.folder).as_posix() for path in landing.folder.rglob("*") if path.is_file())


def test_delivered_file_and_mapping_land(desk, landing):
    assert add(desk, landing) == str(landing.folder / "weekly_csv/shop/march.csv")
    assert landed(landing) == ["weekly_csv/shop/mapping.yaml", "weekly_csv/shop/march.csv"]
    assert landing.land("weekly_csv").rows_merged == 4


def test_zipped_file_is_read_and_delivered_as_it_is(desk, landing):
    (desk / "march.csv.gz").write_bytes(gzip.compress(MARCH.encode()))
    add(desk, landing, "march.csv.gz")
    assert landing.land("weekly_csv").rows_merged == 4


def test_file_goes_to_any_file_system(desk):
    assert deliver(desk / "march.csv", desk / "shop_mapping.yaml", "shop", "memory://exports/landing") == (
        "memory:///exports/landing/weekly_csv/shop/march.csv"
    )


def test_column_that_the_header_lacks_is_named_with_the_nearest_and_nothing_is_copied(desk, landing):
    (desk / "shop_mapping.yaml").write_text(MAPPING.replace("tv_cost", "tv_costs"))
    with pytest.raises(DeliveryError, match=r"spend.tv names column 'tv_costs'. Did you mean 'tv_cost'\?"):
        add(desk, landing)
    assert landed(landing) == []


def test_bad_cell_is_named_with_file_line_column_and_value(desk, landing):
    (desk / "march.csv").write_text(MARCH.replace("110,0", "110,n.a."))
    with pytest.raises(DeliveryError, match=r"march.csv line 3 column 'tv_cost': 'n.a.' is not a number"):
        add(desk, landing)


def test_hole_between_this_file_and_those_that_are_there_is_refused(desk, landing):
    add(desk, landing)
    (desk / "april.csv").write_text(HEADER + "2024-04-01,90,0\n")
    with pytest.raises(DeliveryError, match=r"market US lacks 2 of its weeks .* 2024-03-18, 2024-03-25"):
        add(desk, landing, "april.csv")
    assert landed(landing) == ["weekly_csv/shop/mapping.yaml", "weekly_csv/shop/march.csv"]


def test_file_of_the_same_name_is_replaced(desk, landing):
    add(desk, landing)
    (desk / "march.csv").write_text(MARCH.replace("2024-03-11,110", "2024-03-11,120"))
    add(desk, landing)
    landing.land("weekly_csv")
    assert landing.rows("select value from raw_weekly_csv.observations where role = 'outcome' order by 1") == [
        (100.0,),
        (120.0,),
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "Shop US"}, "--name 'Shop US' is not a name of a data set"),
        ({"name": "../shop"}, "is not a name of a data set"),
        ({"file": "absent.csv"}, "absent.csv: no such file"),
        ({"mapping": "absent.yaml"}, "absent.yaml: no such file"),
        ({"file": "weeks.xlsx"}, "Deliver .csv or .csv.gz"),
    ],
)
def test_what_cannot_be_a_delivery_is_refused(desk, landing, options, message):
    with pytest.raises(DeliveryError, match=message):
        add(desk, landing, **options)


def test_mistake_in_the_mapping_is_told_with_its_own_name(desk, landing):
    (desk / "shop_mapping.yaml").write_text(MAPPING.replace("outcome:", "outcom:"))
    with pytest.raises(MappingError, match=r"shop_mapping.yaml: .*unknown key 'outcom'. Did you mean 'outcome'\?"):
        add(desk, landing)
