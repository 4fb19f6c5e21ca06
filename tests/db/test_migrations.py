"""The migrations are one chain: two under one number would leave one of them out without a word."""

import re

from wecom_tollbooth.migrate import revisions


def test_each_migration_has_its_own_number_and_follows_the_one_before() -> None:
    numbers = revisions.revisions()
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]
    files = sorted((revisions.FOLDER / "versions").glob("[0-9]*.py"))
    declared = [
        re.findall(r'^(?:revision|down_revision) = "?(\w+)"?$', file.read_text(encoding="utf-8"), re.M)
        for file in files
    ]
    assert declared == [list(pair) for pair in zip(numbers, ["None", *numbers[:-1]], strict=True)]
