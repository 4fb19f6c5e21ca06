"""Tags and their groups."""

from wecom_tollbooth.families.tag_library.library import TAGS_OF_A_CORP
from wecom_tollbooth.seeds.described.checks.checking import Checking
from wecom_tollbooth.seeds.described.faults import Path
from wecom_tollbooth.seeds.described.shapes.customers import SeedTag, SeedTagGroup


def check_tags(checking: Checking) -> None:
    names: dict[str, Path] = {}
    ids: dict[str, Path] = {}
    levels = {one.strategy_id: one.parent_id for one in checking.file.rule_groups}
    for place, group in enumerate(checking.file.tag_groups):
        path = ("tag_groups", place)
        if group.deleted_at is None:
            checking.once(names, f"{group.strategy_id}/{group.name}", (*path, "name"), "the tag group")
        if group.group_id:
            checking.once(ids, group.group_id, (*path, "group_id"), "the id")
        if group.strategy_id and group.strategy_id not in checking.rule_groups:
            checking.say((*path, "strategy_id"), f"there is no rule group {group.strategy_id}")
        elif levels.get(group.strategy_id):
            checking.say((*path, "strategy_id"), "only rule groups of the first level have tags")
        begun = checking.time(group.created_at, (*path, "created_at"))
        deleted = checking.time(group.deleted_at, (*path, "deleted_at"), after=begun)
        _check_tags_of(checking, group, path, begun, deleted, ids)
    count = sum(len(group.tags) for group in checking.file.tag_groups)
    if count > TAGS_OF_A_CORP:
        checking.say(("tag_groups",), f"{count} tags; a corp has at most {TAGS_OF_A_CORP}")


def _check_tags_of(
    checking: Checking,
    group: SeedTagGroup,
    path: Path,
    begun: int | None,
    deleted: int | None,
    ids: dict[str, Path],
) -> None:
    names: dict[str, Path] = {}
    for number, given in enumerate(group.tags):
        at = (*path, "tags", number)
        tag = as_tag(given)
        if isinstance(given, str):
            if not 1 <= len(given) <= 30:
                checking.say(at, "a name has 1 to 30 characters")
        else:
            made = checking.time(tag.created_at, (*at, "created_at"), after=begun)
            checking.time(tag.deleted_at, (*at, "deleted_at"), after=made if made is not None else begun)
            if tag.tag_id:
                checking.once(ids, tag.tag_id, (*at, "tag_id"), "the id")
        if tag.deleted_at is None:
            checking.once(names, tag.name, at if isinstance(given, str) else (*at, "name"), "the tag")
        gone = deleted is not None or tag.deleted_at is not None
        for name in (f"{group.name}/{tag.name}", tag.tag_id):
            if name is not None:
                checking.tags[name] = gone and checking.tags.get(name, True)


def as_tag(given: SeedTag | str) -> SeedTag:
    """A tag of which only the name is given, like any other."""
    return given if isinstance(given, SeedTag) else SeedTag.model_construct(name=given)
