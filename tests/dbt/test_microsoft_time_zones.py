"""Every time zone that Microsoft Advertising documents has an IANA name with the documented clock."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from mmm_models.worlds.exports.microsoft_ads import TIME_ZONES
from tests.dbt.conftest import DBT

# Value and offset from UTC, in standard time, of the value set `TimeZone` (Bing Ads API 13, guide "Time Zones").
DOCUMENTED = """
AbuDhabiMuscat 4, Adelaide 9.5, Alaska -9, AlmatyNovosibirsk 6, AmsterdamBerlinBernRomeStockholmVienna 1, Arizona -7,
AstanaDhaka 6, AthensBuckarestIstanbul 2, AtlanticTimeCanada -4, AucklandWellington 12, Azores -1, Baghdad 3,
BakuTbilisiYerevan 4, BangkokHanoiJakarta 7, BeijingChongqingHongKongUrumqi 8,
BelgradeBratislavaBudapestLjubljanaPrague 1, BogotaLimaQuito -5, Brasilia -3, Brisbane 10,
BrusselsCopenhagenMadridParis 1, Bucharest 2, BuenosAiresGeorgetown -3, Cairo 2, CanberraMelbourneSydney 10,
CapeVerdeIsland -1, CaracasLaPaz -4, CasablancaMonrovia 0, CentralAmerica -6, CentralTimeUSCanada -6,
ChennaiKolkataMumbaiNewDelhi 5.5, ChihuahuaLaPazMazatlan -7, Darwin 9.5, EasternTimeUSCanada -5, Ekaterinburg 5,
FijiKamchatkaMarshallIsland 12, Greenland -3, GreenwichMeanTimeDublinEdinburghLisbonLondon 0,
GuadalajaraMexicoCityMonterrey -6, GuamPortMoresby 10, HararePretoria 2, Hawaii -10,
HelsinkiKyivRigaSofiaTallinnVilnius 2, Hobart 10, IndianaEast -5, InternationalDateLineWest -12, IrkutskUlaanBataar 8,
IslandamabadKarachiTashkent 5, Jerusalem 2, Kabul 4.5, Kathmandu 5.75, Krasnoyarsk 7, KualaLumpurSingapore 8,
KuwaitRiyadh 3, MidAtlantic -2, MidwayIslandAndSamoa -11, MoscowStPetersburgVolgograd 3, MountainTimeUSCanada -7,
Nairobi 3, Newfoundland -3.5, Nukualofa 13, OsakaSapporoTokyo 9, PacificTimeUSCanadaTijuana -8, Perth 8, Rangoon 6.5,
Santiago -4, SarajevoSkopjeWarsawZagreb 1, Saskatchewan -6, Seoul 9, SolomonIslandNewCaledonia 11,
SriJayawardenepura 5.5, Taipei 8, Tehran 3.5, Vladivostok 10, WestCentralAfrica 1, Yakutsk 9
"""
OFFSETS = {name: float(offset) for name, offset in (entry.split() for entry in DOCUMENTED.split(","))}
# Clocks that have been moved since Microsoft wrote its guide: in 2016 and in 2023.
MOVED = {"AlmatyNovosibirsk": 7, "Greenland": -2}
ZONES = dict(re.findall(r"'(\w+)': '([\w/+-]+)',", (DBT / "macros/iana_time_zone.sql").read_text()))


def test_every_documented_name_is_there():
    assert len(OFFSETS) == 75
    assert sorted(set(OFFSETS) - set(ZONES)) == []


@pytest.mark.parametrize("name", OFFSETS)
def test_the_zone_has_the_documented_clock(name):
    zone = ZoneInfo(ZONES[name])
    offsets = [datetime(2024, month, 15, tzinfo=zone).utcoffset().total_seconds() / 3600 for month in (1, 7)]
    assert min(offsets) == MOVED.get(name, OFFSETS[name])


def test_the_names_of_the_sample_lead_back_to_its_markets_zones():
    assert {ZONES[microsoft]: microsoft for microsoft in TIME_ZONES.values()} == TIME_ZONES
