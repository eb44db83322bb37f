# chatapp. `make run` opens the window and `make test` checks everything; each sets up what it needs.
# PYTHON names the interpreter to set up with, TORCH_INDEX a further package index for torch;
# CHATAPP_GGML=vulkan lets a bundle use graphics cards, FLAVOUR=lite or full makes one bundle only.

PYTHON ?= python3
export PYTHON TORCH_INDEX CHATAPP_GGML

# A Wayland session would otherwise draw Qt's windows away from the virtual screen.
ON_A_VIRTUAL_SCREEN := QT_QPA_PLATFORM=xcb xvfb-run --auto-servernum

.PHONY: run test lint bench screenshots translations bundle test-bundle

run: .venv/ready-run
	@[ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || \
	  { echo 'There is no display to open a window on; ask here instead: .venv/bin/chatapp ask "Why is the sea salty?"' >&2; exit 1; }
	@.venv/bin/chatapp

test: lint
	$(ON_A_VIRTUAL_SCREEN) .venv/bin/pytest

lint: .venv/ready-test
	.venv/bin/ruff format --check
	.venv/bin/ruff check
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: .venv/ready-test
	.venv/bin/python -m benchmarks

screenshots: .venv/ready-test
	$(ON_A_VIRTUAL_SCREEN) --server-args '-screen 0 2560x1600x24' .venv/bin/python scripts/screenshots.py

translations: .venv/ready-test
	.venv/bin/python scripts/translations.py

# TORCH_INDEX, as for `make run`, must name torch's CPU build: a bundle holds nothing of CUDA.
bundle: .venv-bundle/ready-bundle
	.venv-bundle/bin/python -m bundle.build $(FLAVOUR)

# As root the first time it also makes a bare Debian in build/, in a minute; else it skips what needs one.
test-bundle: .venv/ready-test-bundle
	@[ -x dist/chatapp/chatapp ] || { echo 'There is no bundle to test yet. Make it first: make bundle' >&2; exit 1; }
	.venv/bin/pytest tests_bundle

# Made again when what is to be installed changes.
WHAT_IS_INSTALLED := pyproject.toml constraints.txt scripts/setup.sh

.venv/ready-%: $(WHAT_IS_INSTALLED)
	@sh scripts/setup.sh $*

.venv-bundle/ready-%: $(WHAT_IS_INSTALLED)
	@sh scripts/setup.sh $*
