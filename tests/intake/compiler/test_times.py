"""Times as files have them: which moment, in which zone, and how exactly it is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rows_in import ABSENT, Planned, table, values


def moments(form: str, cells: list[str], *, more: str = "", layout: str = "") -> list[Any]:
    """(time, precision) of ``at``, or the code of the reject."""
    toml = f"""
        {more}
        [files.t]
        match = "t.csv"
        {layout}
        [[rows]]
        from = "t"
        [[rows.do]]
        command = "RegisterCustomer"
        customer_id = {{ id = ["{{n}}"] }}
        source_id = "n"
        at = {form}
    """
    rows = [[str(n), cell] for n, cell in enumerate(cells)]
    planned = Planned(toml, {"t.csv": table(["n", "x"], rows)})
    told: dict[str, Any] = {
        body["source_id"]: (body["at"], body.get("at_precision", "exact"))
        for body in planned.bodies()
    }
    for reject in planned.rejects:
        told[str(reject.line - 2)] = reject.code
    return [told[row[0]] for row in rows]


@pytest.mark.parametrize(
    ("format", "cell", "time", "precision"),
    [
        ("iso", "2024-02-29", "2024-02-29T00:00:00Z", "day"),
        ("iso", "2024-02-29T07:05", "2024-02-29T07:05:00Z", "minute"),
        ("iso", "2024-02-29 07:05:09", "2024-02-29T07:05:09Z", "exact"),
        ("iso", "2024-02-29T07:05:09.25Z", "2024-02-29T07:05:09.25Z", "exact"),
        ("iso", "2024-02-29T07:05:09,123456789+02:00", "2024-02-29T05:05:09.123456Z", "exact"),
        ("iso", "2024-02-29T07:05:09-0530", "2024-02-29T12:35:09Z", "exact"),
        ("iso", "2024-02-29t07:05:09z", "2024-02-29T07:05:09Z", "exact"),
        ("iso", "2024-02-29T07:05+02", "2024-02-29T05:05:00Z", "minute"),
        ("%d.%m.%Y %H:%M", "5.3.2024 7:05", "2024-03-05T07:05:00Z", "minute"),
        ("%d.%m.%Y", "05.03.2024", "2024-03-05T00:00:00Z", "day"),
        ("%m/%d/%Y", "3/5/2024", "2024-03-05T00:00:00Z", "day"),
        ("%d-%b-%Y", "05-Mar-2024", "2024-03-05T00:00:00Z", "day"),
        ("%B %d, %Y", "March 5, 2024", "2024-03-05T00:00:00Z", "day"),
        ("%A %d %B %Y", "Tuesday 5 March 2024", "2024-03-05T00:00:00Z", "day"),
        ("%m/%d/%y %I:%M %p", "03/05/24 07:05 PM", "2024-03-05T19:05:00Z", "minute"),
        ("%m/%d/%y %I:%M %p", "03/05/24 12:05 AM", "2024-03-05T00:05:00Z", "minute"),
        ("%Y%m%d", "20240305", "2024-03-05T00:00:00Z", "day"),
        ("%Y%m%d%H%M%S", "20240305070509", "2024-03-05T07:05:09Z", "exact"),
        ("%Y-%j", "2024-060", "2024-02-29T00:00:00Z", "day"),
        ("%Y-%m", "2024-03", "2024-03-01T00:00:00Z", "month"),
        ("%b %Y", "Mar 2024", "2024-03-01T00:00:00Z", "month"),
        ("%Y", "2024", "2024-01-01T00:00:00Z", "unknown"),
        ("%Y-%m-%d %H:%M:%S.%f", "2024-03-05 07:05:09.5", "2024-03-05T07:05:09.5Z", "exact"),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-03-05T07:05:09+0100", "2024-03-05T06:05:09Z", "exact"),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-03-05T07:05:09Z", "2024-03-05T07:05:09Z", "exact"),
        ("%d/%b/%Y:%H:%M:%S %z", "05/Mar/2024:07:05:09 -0330", "2024-03-05T10:35:09Z", "exact"),
        ("unix", "1709622309", "2024-03-05T07:05:09Z", "exact"),
        ("unix", "-86400", "1969-12-31T00:00:00Z", "exact"),
        ("unix_ms", "1709622309250", "2024-03-05T07:05:09.25Z", "exact"),
    ],
)
def test_a_time_is_read_as_its_format_says(
    format: str, cell: str, time: str, precision: str
) -> None:
    assert moments(f'{{ column = "x", time = "{format}" }}', [cell]) == [(time, precision)]


@pytest.mark.parametrize(
    ("format", "cells"),
    [
        ("iso", ["29.02.2024", "2024-02-30", "2024-13-01", "2024-2-3", "2024-02-29T25:00", "now"]),
        ("%d.%m.%Y", ["2024-02-29", "31.02.2024", "1.2.24", "1.2.2024 07:05", "x1.2.2024"]),
        ("%m/%d/%Y", ["13/01/2024", "0/1/2024"]),
        ("%Y%m%d", ["2024305", "202403051", "20241301"]),
        ("unix", ["12.5", "abc", "99999999999999"]),
    ],
)
def test_what_does_not_fit_the_format_is_refused(format: str, cells: list[str]) -> None:
    told = moments(f'{{ column = "x", time = "{format}" }}', cells)
    assert set(told) <= {"time.format", "time.range"}, dict(zip(cells, told, strict=True))


def test_a_time_lies_between_1900_and_2199() -> None:
    cells = ["1899-12-31", "1900-01-01", "2199-12-31", "2200-01-01", "0001-01-01", "9999-12-31"]
    told = moments('{ column = "x", time = "iso" }', cells)
    assert [one if isinstance(one, str) else "well" for one in told] == [
        "time.range", "well", "well", "time.range", "time.range", "time.range",
    ]  # fmt: skip


def test_the_first_format_that_fits_is_taken() -> None:
    form = '{ column = "x", time = ["%d.%m.%Y %H:%M", "%d.%m.%Y", "iso", "unix"] }'
    assert moments(form, ["05.03.2024 07:05", "05.03.2024", "2024-03-05", "1709622309"]) == [
        ("2024-03-05T07:05:00Z", "minute"), ("2024-03-05T00:00:00Z", "day"),
        ("2024-03-05T00:00:00Z", "day"), ("2024-03-05T07:05:09Z", "exact"),
    ]  # fmt: skip


def test_when_it_happened_is_never_left_to_the_time_of_the_import() -> None:
    assert moments('{ column = "x", time = "iso" }', [""]) == ["cell.missing"]


def test_a_default_time_is_known_as_unknown() -> None:
    form = '{ column = "x", time = "iso", default = "2020-01-01T00:00:00Z" }'
    assert moments(form, ["", "2024-02-29"]) == [
        ("2020-01-01T00:00:00Z", "unknown"), ("2024-02-29T00:00:00Z", "day"),
    ]  # fmt: skip


def test_a_precision_that_is_said_goes_before_the_formats() -> None:
    form = '{ column = "x", time = "%Y-%m-%d %H:%M:%S", precision = "day" }'
    assert moments(form, ["2024-03-05 00:00:00"]) == [("2024-03-05T00:00:00Z", "day")]


def test_months_are_taken_off() -> None:
    toml = """
        [files.t]
        match = "t.csv"
        [[rows]]
        from = "t"
        [[rows.do]]
        command = "RegisterCustomer"
        customer_id = { id = ["{n}"] }
        at = { const = "2024-03-31", time = "iso", minus_months = "n" }
    """
    planned = Planned(toml, {"t.csv": "n\n0\n1\n25\nx\n-1\n"})
    assert [body["at"] for body in planned.bodies()] == [
        "2024-03-31T00:00:00Z", "2024-02-29T00:00:00Z", "2022-02-28T00:00:00Z",
    ]  # fmt: skip
    assert planned.faults() == [(5, "n", "number.format"), (6, "n", "number.format")]


@pytest.mark.parametrize(
    ("zone", "local", "time"),
    [
        ("Europe/Berlin", "2024-01-15 12:00", "2024-01-15T11:00:00Z"),
        ("Europe/Berlin", "2024-07-15 12:00", "2024-07-15T10:00:00Z"),
        # Skipped and doubled local times are read with the offset before the change.
        ("Europe/Berlin", "2024-03-31 02:30", "2024-03-31T01:30:00Z"),
        ("Europe/Berlin", "2024-10-27 02:30", "2024-10-27T00:30:00Z"),
        ("Europe/London", "2011-03-27 01:30", "2011-03-27T01:30:00Z"),
        ("America/New_York", "2024-03-10 02:30", "2024-03-10T07:30:00Z"),
        ("Asia/Kolkata", "2024-07-15 12:00", "2024-07-15T06:30:00Z"),
        ("Australia/Lord_Howe", "2024-01-15 12:00", "2024-01-15T01:00:00Z"),
        ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30T22:00:00Z"),
    ],
)
def test_a_local_time_is_of_its_zone(zone: str, local: str, time: str) -> None:
    form = f'{{ column = "x", time = "%Y-%m-%d %H:%M", zone = "{zone}" }}'
    assert moments(form, [local]) == [(time, "minute")]


def test_an_offset_in_the_cell_goes_before_any_zone() -> None:
    form = '{ column = "x", time = "iso", zone = "Asia/Tokyo" }'
    assert moments(form, ["2024-03-05T12:00:00+01:00", "2024-03-05T12:00:00"]) == [
        ("2024-03-05T11:00:00Z", "exact"), ("2024-03-05T03:00:00Z", "exact"),
    ]  # fmt: skip


def test_a_fields_zone_goes_before_the_files_and_that_before_the_mappings() -> None:
    form, more = '{ column = "x", time = "iso" }', 'zone = "Asia/Tokyo"'
    assert moments(form, ["2024-03-05T12:00:00"], more=more)[0][0] == "2024-03-05T03:00:00Z"
    layout = 'zone = "Asia/Kolkata"'
    told = moments(form, ["2024-03-05T12:00:00"], more=more, layout=layout)
    assert told[0][0] == "2024-03-05T06:30:00Z"
    own = '{ column = "x", time = "iso", zone = "Europe/Berlin" }'
    told = moments(own, ["2024-03-05T12:00:00"], more=more, layout=layout)
    assert told[0][0] == "2024-03-05T11:00:00Z"


ZONES = ["Europe/Lisbon", "America/Sao_Paulo", "Asia/Tehran", "Africa/Casablanca", "Asia/Shanghai"]


@settings(max_examples=15, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    times=st.lists(
        st.datetimes(datetime(1900, 1, 3), datetime(2199, 12, 30)),  # noqa: DTZ001 - local
        min_size=1,
        max_size=40,
    ),
)
def test_every_local_time_is_what_the_zone_database_says(zone: str, times: list[datetime]) -> None:
    form = f'{{ column = "x", time = "%Y-%m-%d %H:%M:%S", zone = "{zone}" }}'
    locals_ = [time.replace(microsecond=0) for time in times]
    told = moments(form, [f"{time:%Y-%m-%d %H:%M:%S}" for time in locals_])
    for local, (time, _) in zip(locals_, told, strict=True):
        expected = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        assert datetime.fromisoformat(time) == expected.replace(microsecond=0), local


def test_a_day_of_the_calendar_has_no_zone() -> None:
    form = '{ column = "x", date = ["%d.%m.%Y", "iso"] }'
    more = 'zone = "America/New_York"'
    cells = ["05.03.2024", "2024-03-05T23:59:00-08:00", "31.02.2024", "", "0999-01-01"]
    assert values(form, cells, more=more) == [
        "2024-03-05", "2024-03-05", "!time.format", ABSENT, "!time.range",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "told"),
    [
        ("clock", {"01:48:36": 6516, "4 days, 21:19:46": 422386, "1 day, 0:00:01": 86401,
                   "1:30": 5400, "100:00:00": 360000, "0:00:59.9": 59, "1:60": "!duration.format",
                   "-1:00": "!duration.format", "90": "!duration.format", "": ABSENT}),
        ("iso", {"PT90M": 5400, "P1DT2H30M": 95400, "P2W": 1209600, "PT1.5S": 1,
                 "P": "!duration.format", "PT": "!duration.format", "1D": "!duration.format",
                 "P1Y": "!duration.format"}),
        ("minutes", {"90": 5400, "1,5": 90, "0": 0, "-1": "!duration.format",
                     "x": "!number.format"}),
        ("hours", {"": ABSENT, "1.5": 5400, "0.001": 4}),
        ("days", {"2": 172800, "1234567890": "!duration.format"}),
    ],
)  # fmt: skip
def test_a_duration_is_so_many_whole_seconds(unit: str, told: dict[str, Any]) -> None:
    assert values(f'{{ column = "x", duration = "{unit}" }}', told) == list(told.values())


def test_a_time_in_another_field_may_be_missing_but_not_wrong() -> None:
    form = '{ column = "x", time = "iso" }'
    cells = ["", "2024-03-05", "5.3.2024"]
    assert values(form, cells) == [ABSENT, "2024-03-05T00:00:00Z", "!time.format"]


def test_offsets_are_searched_up_to_the_end_of_the_business_range() -> None:
    form = '{ column = "x", time = "iso", zone = "Europe/Berlin" }'
    last = datetime(2199, 7, 1, 12)  # noqa: DTZ001 - as a cell has it
    (told,) = moments(form, [last.isoformat()])
    assert datetime.fromisoformat(told[0]) == last.replace(tzinfo=UTC) - timedelta(hours=2)
