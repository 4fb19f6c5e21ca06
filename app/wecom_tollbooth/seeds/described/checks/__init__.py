"""What contradicts itself in a seed file whose fields are each in order."""

from wecom_tollbooth.seeds.described.checks.apps import check_apps
from wecom_tollbooth.seeds.described.checks.checking import Checking
from wecom_tollbooth.seeds.described.checks.customers import check_customers
from wecom_tollbooth.seeds.described.checks.directory import check_directory
from wecom_tollbooth.seeds.described.checks.groups import check_groups
from wecom_tollbooth.seeds.described.checks.tags import check_tags
from wecom_tollbooth.seeds.described.faults import Source, WrongSeed, together
from wecom_tollbooth.seeds.described.shapes import SeedFile


def refuse_contradictions(file: SeedFile, source: Source, now: int) -> None:
    """Raises WrongSeed for what can't be, at the corp's time `now`."""
    checking = Checking(file, source, now)
    check_directory(checking)
    check_apps(checking)
    check_tags(checking)
    check_customers(checking)
    check_groups(checking)
    if checking.faults:
        raise WrongSeed(together(checking.faults))
