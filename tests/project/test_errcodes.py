"""The registry of errcodes."""

from collections import Counter

from wecom_tollbooth.gateway.errcodes import ALL_CODES


def test_each_number_and_each_name_stands_in_one_area() -> None:
    numbers = Counter(int(code) for code in ALL_CODES)
    names = Counter(code.name for code in ALL_CODES)

    assert len(ALL_CODES) > 300
    assert [number for number, times in numbers.items() if times > 1] == []
    assert [name for name, times in names.items() if times > 1] == []
