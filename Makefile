# make demo    hide a face in a photograph, recognise and restore it, from bundled pictures
# make test    lint, types, tests
# make setup   only .venv, which the other two make on first use
#
# PYTHON=/usr/bin/python3.12                         the interpreter for .venv (default: the first that fits)
# TORCH_INDEX=https://download.pytorch.org/whl/cpu   take torch from there: a far smaller CPU-only build
#
# All paths are relative, so a clone may lie anywhere, also under a folder with a space in its name, but not with a
# colon: Python's venv refuses it.

PYTHON ?=
TORCH_INDEX ?=
READY := .venv/.ready

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PIP_USER := 0
unexport PYTHONHOME PYTHONPATH
# Where the home folder cannot be written, matplotlib would build its font cache again at every start.
export MPLCONFIGDIR := $(CURDIR)/.venv/matplotlib

# The stamp names the folder that .venv was made in. In a moved clone, or when the interpreter is gone, .venv is made anew.
$(shell [ "$$(cat $(READY) 2>/dev/null)" = "$$(pwd -P)" ] && .venv/bin/python -c '' 2>/dev/null || rm -f $(READY))

.PHONY: setup demo test clean

setup: $(READY)

demo: $(READY)
	.venv/bin/miais demo

test: $(READY)
	.venv/bin/python -m ruff check
	.venv/bin/python -m ruff format --check
	.venv/bin/python -m mypy
	.venv/bin/python -m pytest

clean:
	rm -rf .venv

# Without a stamp an earlier install did not finish: start over. With an old stamp: update in place.
$(READY): pyproject.toml constraints.txt
	@[ -e $@ ] || { \
	  for python in $(if $(PYTHON),"$(PYTHON)",python3 python3.13 python3.12 python3.11 python3.14); do \
	    if "$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	      echo "Making .venv with $$("$$python" --version); the first time takes a few minutes and several GB."; \
	      exec "$$python" -m venv --clear .venv; \
	    fi; \
	  done; \
	  echo "No Python >= 3.11 with the venv module found$(if $(PYTHON), at PYTHON=$(PYTHON))." >&2; \
	  echo "Install one (Debian, Ubuntu: apt install python3 python3-venv) or name one: make PYTHON=/path/to/python3.12" >&2; \
	  exit 1; \
	}
	@rm -f $@
	.venv/bin/python -m pip install --quiet --upgrade -c constraints.txt pip
	.venv/bin/python -m pip install -c constraints.txt --build-constraint constraints.txt $(if $(TORCH_INDEX),--extra-index-url "$(TORCH_INDEX)") -e '.[report,robust,service,milvus,yunet,docs,test]'
	@pwd -P > $@
