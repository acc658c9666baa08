#!/usr/bin/env python3
"""Compiles tzdata's tables of zones and countries into verifier/data/time_zones.txt.

    make_time_zones.py [FOLDER]           writes the table
    make_time_zones.py --check [FOLDER]   fails if the checked-in table is not what the folder gives

FOLDER has zone.tab, zone1970.tab and tzdata.zi, as /usr/share/zoneinfo of a system does. They are in the public domain.

A line is a zone's name as browsers give it and the countries whose clocks it tells, ascending: those of zone.tab (a zone of
each country's own) and of zone1970.tab (all that have kept the same time since 1970). Former names, such as Asia/Calcutta, have the
countries of the zone that they lead to.
"""

import pathlib
import sys

TABLE = pathlib.Path(__file__).parent / "time_zones.txt"


def rows(path):
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def table(folder):
    countries = {}
    for name in ["zone.tab", "zone1970.tab"]:
        for codes, _, zone, *_ in rows(folder / name):
            countries.setdefault(zone, set()).update(codes.split(","))
    links = {}
    for line in (folder / "tzdata.zi").read_text().splitlines():
        if line.startswith("L "):
            _, target, name = line.split()
            links[name] = target
    for name in links:
        target = name
        while target not in countries and target in links:
            target = links[target]
        if name not in countries and target in countries:
            countries[name] = countries[target]
    return "".join(f"{zone} {','.join(sorted(codes))}\n" for zone, codes in sorted(countries.items()))


arguments = sys.argv[1:]
is_check = arguments[:1] == ["--check"]
folder = pathlib.Path((arguments[is_check:] or ["/usr/share/zoneinfo"])[0])
made = table(folder)
if not is_check:
    TABLE.write_text(made)
elif TABLE.read_text() != made:
    sys.exit(f"{TABLE.name} is not what {folder} gives")
