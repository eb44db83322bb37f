import argparse
import sys

import pytest

from chatapp import edition
from chatapp.commands import export, train
from chatapp.engine import __main__ as engine_main
from chatapp.errors import EngineError
from chatapp.protocol import Load


@pytest.fixture
def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edition, "find_spec", lambda name: None if name == "torch" else object())


@pytest.fixture
def lite(without_torch: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)


def test_here_our_own_networks_run() -> None:
    assert edition.has_own_networks()


@pytest.mark.usefixtures("without_torch")
def test_without_torch_they_do_not() -> None:
    assert not edition.has_own_networks()


@pytest.mark.usefixtures("without_torch")
def test_from_source_the_packages_to_install_are_named() -> None:
    advice = str(edition.how_to_get_own_networks())
    assert "pip install torch tokenizers safetensors gguf" in advice
    assert "lite" not in advice


@pytest.mark.usefixtures("lite")
def test_the_lite_edition_names_the_full_one_to_an_engine_s_client() -> None:
    with pytest.raises(EngineError, match="The full edition has it") as raised:
        engine_main._load(Load(id="1", path="x", backend="native"), lambda part: None)
    assert "pip" not in str(raised.value)


@pytest.mark.usefixtures("lite")
def test_the_lite_edition_names_the_full_one_to_who_would_train_or_export(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert train.run(argparse.Namespace()) != 0
    assert "The full edition has it" in capsys.readouterr().err
    assert export.run(argparse.Namespace(file="x.gguf", model="y", quantize="F32")) != 0
    assert "The full edition has it" in capsys.readouterr().err
