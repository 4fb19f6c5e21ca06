"""Shapes that the client's control calls share."""

from collections.abc import Iterable

from typing_extensions import TypedDict

from wecom_tollbooth.client.problems import Part, Problem


class ProblemShown(TypedDict):
    part: Part
    zh: str
    en: str


def shown(problems: Iterable[Problem]) -> list[ProblemShown]:
    return [{"part": problem.part, "zh": problem.chinese, "en": problem.english} for problem in problems]
