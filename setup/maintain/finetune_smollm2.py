"""Finetune SmolLM2 on the workshop's instructions: python setup/maintain/finetune_smollm2.py

Makes 06_finetuning/lora-smollm2/adapter.safetensors, the LoRA adapter that 06d evaluates, with the
`finetune` command. It never sees the held-out tasks. After Ctrl-C or a crash the same command
resumes the run.
"""

import sys
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from workshop_lib.commands.finetune import ADAPTER, finetune  # noqa: E402
from workshop_lib.config import FinetuneConfig  # noqa: E402
from workshop_lib.finetune import TARGETS, load_lora, save_lora  # noqa: E402
from workshop_lib.weights import from_pretrained  # noqa: E402

CONFIG = FinetuneConfig(
    base="smollm2", style="chatml", epochs=2, batch_size=8, learning_rate=1e-3, rank=3, alpha=6.0,
    targets=TARGETS, max_tokens=256, held_out=0.25, seed=0,
)  # fmt: skip
DATA = ROOT / "06_finetuning" / "instructions.json"
RUN = ROOT / "work" / "finetuned" / "smollm2"
SHIPPED = ROOT / "06_finetuning" / "lora-smollm2" / "adapter.safetensors"


def make(config: FinetuneConfig, data: Path, run: Path, shipped: Path) -> bool:
    """Train an adapter, and write it in half precision: 2 bytes per number, below 2 MB.

    Args:
        config: base model and settings.
        data: the examples.
        run: the folder of the run, with its checkpoint.
        shipped: the file to write.

    Returns:
        Whether the run is finished; after Ctrl-C it is not.
    """
    if not finetune(data, run, config):
        return False
    model, _ = from_pretrained(config.base)
    save_lora(load_lora(model, run / ADAPTER).half(), shipped)
    print(f"{shipped.name}: {shipped.stat().st_size / 1e6:.2f} MB")
    return True


if __name__ == "__main__":
    torch.set_num_threads(1)  # so that the result does not depend on the number of cores
    sys.exit(0 if make(CONFIG, DATA, RUN, SHIPPED) else 130)
