# make help 列出全部命令 / lists all commands. Needs make and Python 3.11 or newer; everything else goes into .venv.

PYTHON ?= python3
PORT ?=
HOST ?=
TESTS ?=

VENV := .venv
comma := ,
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.installed-runtime
DEVELOPMENT := $(VENV)/.installed-development
SCAFFOLD := $(BIN)/python -m tools.scaffold
# One more than this kind of machine has cores: some tests wait for processes and clocks.
PYTEST := $(BIN)/python -m pytest -n 3 $(TESTS)

# Without bytecode, each of the hundred programs that the tests start would compile all it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install run test test-all test-kill test-postgres check style fix bench operation family event act coverage-page events-page schema seed-schema constraints

help: ## 列出命令 / this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUNTIME) ## 启动演示服务 PORT=8000 HOST=127.0.0.1 / serve a demo corp
	@exec $(BIN)/tollbooth demo $(if $(PORT),--port $(PORT)) $(if $(HOST),--host $(HOST))

test: $(DEVELOPMENT) ## 测试，用 SQLite，TESTS=tests/… 只跑一部分 / the tests, on SQLite, TESTS=tests/… for some of them
	$(PYTEST)

test-all: $(DEVELOPMENT) ## 全部测试，含慢的 / all tests, the slow ones too
	TOLLBOOTH_TEST_EXAMPLES=150 $(PYTEST) -m ""

test-kill: $(DEVELOPMENT) ## 反复强杀服务，约 15 分钟 / 200 SIGKILLs on SQLite, 50 on PostgreSQL with 4 workers
	TOLLBOOTH_TEST_KILLS=200 TOLLBOOTH_TEST_KILLS_ON_POSTGRESQL=50 $(BIN)/python -m pytest -m slow tests/slow/test_kill.py

test-postgres: $(DEVELOPMENT) ## 测试，用真正的 PostgreSQL / the tests, on a real PostgreSQL
	TOLLBOOTH_TEST_DATABASE=postgresql $(PYTEST)

check: style test-postgres ## 提交前与 make test 一起：风格、类型、导入方向、PostgreSQL 上的测试 / with make test before a commit: style, types, imports, the tests on PostgreSQL

style: $(DEVELOPMENT) ## 风格、类型、导入方向 / style, types, imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(DEVELOPMENT) ## 自动整理代码 / fix layout and imports
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(DEVELOPMENT) ## 性能对比 / speed, beside a bare FastAPI route
	$(BIN)/python -m bench
	$(BIN)/python -m bench.https
	$(BIN)/python -m bench.faults
	$(BIN)/python -m bench.start.ephemeral
	$(BIN)/python -m bench.start.suite
	$(BIN)/python -m bench.volume
	$(BIN)/python -m bench.ledger
	$(BIN)/python -m bench.long_actions
	$(BIN)/python -m bench.corps.snapshots
	$(BIN)/python -m bench.mass_messages
	$(BIN)/python -m bench.console.pages
	$(BIN)/python -m bench.follow_ups
	$(BIN)/python -m bench.follow_ups --postgresql
	$(BIN)/python -m bench.console.board
	$(BIN)/python -m bench.console.open_console

coverage-page: $(DEVELOPMENT) ## 重新生成 docs/coverage.md / generate docs/coverage.md
	$(BIN)/python -m wecom_tollbooth.coverage

schema: $(DEVELOPMENT) ## 重新生成新建 SQLite 文件用的表结构 / rewrite migrations/ready_schema.sql after a migration
	$(BIN)/python -m tools.ready_schema

seed-schema: $(DEVELOPMENT) ## 重新生成种子文件的 JSON Schema / rewrite docs/seed.schema.json after a change of its shapes
	$(BIN)/python -m tools.seed_schema

events-page: $(DEVELOPMENT) ## 重新生成 docs/events.md 和 docs/events.zh-CN.md / rewrite both pages
	$(BIN)/python -m wecom_tollbooth.events_page

operation: $(DEVELOPMENT) ## 新建接口 FAMILY= NAME=tag/create / start an operation
	@$(SCAFFOLD) operation '$(FAMILY)' '$(NAME)'

family: $(DEVELOPMENT) ## 新建接口族 NAME= TITLE_ZH= TITLE_EN= / start a family, a chapter of the documentation
	@$(SCAFFOLD) family '$(NAME)' '$(TITLE_ZH)' '$(TITLE_EN)'

event: $(DEVELOPMENT) ## 新建回调事件 CHAPTER= EVENT=change_contact NAME=update_tag / start a callback event
	@$(SCAFFOLD) event '$(CHAPTER)' '$(EVENT)' '$(NAME)'

act: $(DEVELOPMENT) ## 新建业务动作 FAMILY= NAME= / start an act
	@$(SCAFFOLD) act '$(FAMILY)' '$(NAME)'

constraints: ## 更新 constraints.txt / newest versions of what is installed
	@set -e; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	$(find_python); "$$python" -m venv "$$folder"; \
	"$$folder/bin/python" -m pip install --quiet '.[dev]'; \
	"$$folder/bin/python" -m pip freeze --exclude wecom-tollbooth > "$$folder/constraints.txt"; \
	if grep -vE '^[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+$$' "$$folder/constraints.txt"; \
	then echo 'constraints: these are no plain versions' >&2; exit 1; fi; \
	cp "$$folder/constraints.txt" constraints.txt

install: $(DEVELOPMENT) ## 准备 .venv / make .venv ready; the other commands do it by themselves

# Sets $python to the first of these that runs and is new enough.
define find_python
for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 ''; do \
	[ -n "$$python" ] || { echo 'make: Python 3.11 or newer is needed; name it with PYTHON=/path/to/python3' >&2; exit 1; }; \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
done
endef

# $(call install,WHAT,EXTRA): installs the project with an extra, by uv where it is there, else by pip.
define install
@set -e; $(find_python); \
echo "正在安装$(1)到 $(VENV) / installing $(2) into $(VENV)"; \
if uv --version >/dev/null 2>&1; then \
	[ -x $(BIN)/python ] || uv venv --quiet --python "$$python" $(VENV); \
	uv pip install --python $(BIN)/python --constraint constraints.txt --editable '.[$(3)]'; \
else \
	$(BIN)/python -m pip --version >/dev/null 2>&1 || "$$python" -m venv --clear $(VENV); \
	$(BIN)/python -m pip install --progress-bar off --disable-pip-version-check \
		--constraint constraints.txt --editable '.[$(3)]'; \
fi
@touch $@
endef

$(RUNTIME): pyproject.toml constraints.txt
	$(call install,运行所需的包（约半分钟）,what running needs (about half a minute),postgres$(comma)console)

# In one go, because pip takes a quarter of a minute less than for both; `make run` then finds all it needs.
$(DEVELOPMENT): pyproject.toml constraints.txt
	$(call install,运行和测试所需的包（约一分钟）,what running and tests need (about a minute),dev)
	@touch $(RUNTIME)
