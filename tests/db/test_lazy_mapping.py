"""Classes of tables are mapped at their first use, whichever use that is."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from tests.databases import Databases
from wecom_tollbooth.db import Database, table_of
from wecom_tollbooth.settings import Settings

NAMES = iter(range(1_000))


@pytest.fixture
def model() -> Any:
    """A new class that nothing has used."""
    name = f"Lazy{next(NAMES)}"
    namespace = {
        "__module__": __name__,
        "__annotations__": {"corp_id": str, "number": int},
        "__tablename__": name.lower(),
        "__table_args__": (sa.Index(None, "number"), {"info": {"a": 1}}),
        "metadata": sa.MetaData(),
        "corp_id": Field(primary_key=True),
    }
    metaclass: Any = type(SQLModel)
    made = metaclass(name, (SQLModel,), namespace, table=True)
    assert not is_mapped(made)
    return made


def is_mapped(model: Any) -> bool:
    return "__mapper__" in vars(model)


def test_the_table_is_there_without_a_mapping(model: Any) -> None:
    table = table_of(model)
    assert [(column.name, column.primary_key) for column in table.columns] == [
        ("corp_id", True),
        ("number", False),
    ]
    assert (len(table.indexes), table.info) == (1, {"a": 1})
    assert str(sa.select(model.number)) == f"SELECT {table.name}.number \nFROM {table.name}"
    assert not is_mapped(model)


@pytest.mark.parametrize(
    "use",
    [
        lambda model: model(corp_id="a", number=1),
        lambda model: sa.select(model),
        lambda model: sa.insert(model),
        lambda model: sa.update(model),
        lambda model: sa.delete(model),
        lambda model: sa.inspect(model),
        lambda model: sa.orm.aliased(model),
    ],
)
def test_a_use_as_a_class_maps_it(model: Any, use: Any) -> None:
    use(model)
    assert is_mapped(model)
    assert model.__table__ is sa.inspect(model).local_table


def test_rows_are_added_and_read(model: Any, databases: Databases) -> None:
    database = Database(Settings(database_url=databases.new_url()))
    try:
        with database.transaction() as tx:
            table_of(model).create(tx.connection)
            tx.session.add(model(corp_id="a", number=1))
            tx.session.flush()
            tx.session.expire_all()
            found: Any = tx.session.get(model, "a")
            assert (found.corp_id, found.number) == ("a", 1)
            found.number = 2
            assert tx.session.scalars(sa.select(model.number).where(model.number == 2)).all() == [2]
    finally:
        database.close()


def test_threads_that_use_it_at_once_map_it_once(model: Any) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda number: model(corp_id=str(number), number=number), range(64)))
    assert [one.number for one in made] == list(range(64))


def test_the_server_maps_no_table_before_it_is_used() -> None:
    script = """
import wecom_tollbooth.main
from wecom_tollbooth.tables import metadata
from sqlmodel import SQLModel
metadata()
print(len([model for model in SQLModel.__subclasses__() if "__mapper__" in vars(model)]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
