"""What the checks share: the file, what it names so far, and the faults that were found."""

from dataclasses import dataclass, field

from wecom_tollbooth.seeds.described.faults import Path, Source
from wecom_tollbooth.seeds.described.shapes import SeedFile
from wecom_tollbooth.seeds.described.shapes.base import seconds
from wecom_tollbooth.world.clock import EARLIEST_OF_CORP


@dataclass
class Checking:
    file: SeedFile
    source: Source
    now: int
    faults: list[str] = field(default_factory=list)
    departments: set[int] = field(default_factory=lambda: {1})
    members: dict[str, Path] = field(default_factory=dict)
    """The members by userid, without those who left."""
    left: dict[str, Path] = field(default_factory=dict)
    rule_groups: set[int] = field(default_factory=set)
    tags: dict[str, bool] = field(default_factory=dict)
    """By "group/tag" and by tag_id: whether the tag was deleted."""
    customers: dict[str, Path] = field(default_factory=dict)
    """By ref and by external_userid."""

    def say(self, path: Path, why: str) -> None:
        self.faults.append(self.source.fault(path, why))

    def once(self, seen: dict[str, Path], name: str, path: Path, what: str) -> None:
        """Notes the name, unless something else has it."""
        if name in seen:
            line = self.source.line_of(seen[name])
            self.say(path, f"{what} {name!r} is taken{f', by line {line}' if line else ''}")
        seen.setdefault(name, path)

    def time(self, moment: int | str | None, path: Path, *, after: int | None = None) -> int | None:
        """The moment in unix seconds; what is before 2016, before `after` or in the future is a fault."""
        if moment is None:
            return None
        try:
            at = seconds(moment, self.now)
        except (ValueError, OverflowError):
            self.say(path, f"{moment!r} is no time that a calendar has")
            return None
        if at < EARLIEST_OF_CORP:
            self.say(path, f"{moment!r} is before 2016, when WeCom began")
        elif at > self.now:
            self.say(path, f"{moment!r} is in the future: the corp's clock shows {self.now}")
        elif after is not None and at < after:
            self.say(path, f"{moment!r} is before what has to come first, which is at {after}")
        return at

    def a_member(self, userid: str, path: Path, *, present: bool = False) -> bool:
        """Whether there is such a member; if `present`, one who has not left."""
        if userid in self.members or (not present and userid in self.left):
            return True
        if userid in self.left:
            self.say(path, f"{userid!r} has left the corp")
        else:
            self.say(path, f"there is no member {userid!r}{self._near(userid)}")
        return False

    def _near(self, userid: str) -> str:
        from difflib import get_close_matches

        near = get_close_matches(userid, [*self.members, *self.left], n=1)
        return f"; did you mean {near[0]}?" if near else ""

    def a_department(self, number: int, path: Path) -> None:
        if number not in self.departments:
            self.say(path, f"there is no department {number}")
