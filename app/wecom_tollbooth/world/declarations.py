"""Imports what declares a name at its first use, where families are not all imported at the start.

Operations, acts, scheduled tasks and others declare themselves when their module is imported. Who keeps them
asks here before it says that there is no such name, and before it lists what there is.
"""

from collections.abc import Callable

ImportDeclaring = Callable[[str, str | None], bool]

_import_declaring: ImportDeclaring | None = None


def import_on_demand(import_declaring: ImportDeclaring) -> None:
    """From now on declarations are imported by this function; see `import_declaring`."""
    global _import_declaring
    _import_declaring = import_declaring


def import_declaring(word: str, name: str | None = None) -> bool:
    """Imports the modules that declare `name` by a call of `word`, or all that call it without a name.

    Returns whether there are any that may not have been imported before.
    """
    return _import_declaring is not None and _import_declaring(word, name)
