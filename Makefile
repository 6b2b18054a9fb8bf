# 同心 · Tongxin. `make` alone prints what there is.
# Everything is made inside the clone: .venv, node_modules, var. Nothing needs root, Docker or a PostgreSQL server.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help setup app bench-setup assets demo demo-reset demo-wuhan demo-stop test check proof bench lock locality rows features psql clean

PY := .venv/bin/python
TEST_PROCESSES ?= 2
export PYTHONUNBUFFERED := 1
unexport PYTHONDONTWRITEBYTECODE  # compiled modules halve the time of every start

# Any Python that will do runs the set-up, which makes the environment of the quickest here; PYTHON=... chooses another.
define FIND_PYTHON
for p in .venv/bin/python $(PYTHON) python3.13 python3.12 python3.11 python3 /usr/bin/python3; do \
  "$$p" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
  PYTHON="$(PYTHON)" exec "$$p" tools/environment.py
endef
define NO_PYTHON
done; echo "需要 Python 3.11 或更新 (含 venv)。Debian/Ubuntu: apt-get install python3 python3-venv" >&2; \
echo "Python 3.11 or newer with venv is needed; PYTHON=/path/to/python3 points at one elsewhere." >&2; exit 1
endef

help: ## 列出命令 · list what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## 准备开发环境 · environment for development
	@$(FIND_PYTHON) dev; $(NO_PYTHON)

app:
	@$(FIND_PYTHON) app; $(NO_PYTHON)

bench-setup:
	@$(FIND_PYTHON) bench; $(NO_PYTHON)

assets: app ## 下载页面组件 · fetch page components
	@$(PY) tools/assets.py

demo: app assets ## 启动演示, Ctrl-C 停止 · run the demo; HOST=, PORT= choose where
	@$(PY) manage.py demo

demo-reset: app assets ## 清空后重新演示 · throw the demo's data away and run it afresh
	@$(PY) manage.py demo --reset

demo-wuhan: app assets ## 另装全市规模的武汉, 约两分钟, 只装一次 · the demo with a whole city
	@$(PY) manage.py demo --also wuhan_city

demo-stop: app ## 停止在别处运行的演示 · stop a demo that runs in another terminal
	@$(PY) manage.py demo --stop

test: setup assets ## 全部测试 · all tests; ARGS= goes to pytest
	@$(PY) -m pytest -n $(TEST_PROCESSES) --ignore=tests/proof $(ARGS)

check: setup assets ## 全部检查, 含测试 · every check, tests last
	@$(PY) tools/check.py; checks=$$?; $(PY) -m pytest -n $(TEST_PROCESSES) --ignore=tests/proof $(ARGS) && exit $$checks

proof: setup assets ## 长时验证 · the long proofs
	@$(PY) -m pytest tests/proof $(ARGS)

bench: bench-setup assets ## 性能测量 · every performance figure
	@$(PY) -m benchmarks $(ARGS)

lock: setup ## 重新锁定依赖 · lock the dependencies anew
	@$(PY) tools/lock.py

rows: ## 各地条目完成几条 · seed rows done and open, by locality
	@$(PY) tools/rows.py

features: ## 重写 docs/features.md · write it anew
	@$(PY) tools/rows.py write

locality: app ## 新建地方资料包 NAME=x · begin a locality's folder
	@test -n "$(NAME)" || { echo "用法 · usage: make locality NAME=x" >&2; exit 1; }
	@$(PY) manage.py locality "$(NAME)"

psql: app ## 打开数据库 · a prompt in the demo's database
	@$(PY) -m tongxin.kernel.postgres psql

clean: ## 删除所有生成物和演示数据 · remove everything made here, data included
	@if [ -x $(PY) ]; then $(PY) manage.py demo --stop; \
	  for d in pg pg-test; do $(PY) -m tongxin.kernel.postgres destroy --data-dir var/$$d >/dev/null || exit 1; done; fi
	@rm -rf .venv var node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
