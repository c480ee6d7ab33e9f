"""The options of the longer verbs; nothing here takes long to import."""

import argparse

# Sizes of a model and its run that `pretrain` takes; without them, the profile's.
SIZES = {
    "vocab_size": int,
    "context_length": int,
    "emb_dim": int,
    "n_layers": int,
    "n_heads": int,
    "steps": int,
    "batch_size": int,
    "gradient_accumulation_steps": int,
    "max_lr": float,
    "warmup_steps": int,
    "optimizer": str,
    "seed": int,
}


def pretrain_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("text", nargs="?", help="a file, or a folder with .txt and .md files (default: the plays)")
    add("--out", help="the run's folder (default: work/pretrained in the workshop)")
    add("--preset", help="a model by name, such as plays-llama or gpt2")
    for name, kind in SIZES.items():
        add("--" + name.replace("_", "-"), type=kind, help="default: the profile's or preset's")
    add("--devices", type=int, default=1, help="GPUs, or processes on a CPU (default: 1)")
    add("--strategy", default="ddp", choices=("ddp", "fsdp"), help="whole or shared weights")
    add("--nodes", type=int, default=1, help="computers; start the command on each (default: 1)")
    add("--save-every", type=int, default=100, help="steps between checkpoints (default: 100)")


def finetune_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--data", required=True, help="a JSON list or JSON Lines: instruction, input, output")
    add("--base", help="the model, see weights.from_pretrained (default: smollm2)")
    add("--out", help="the run's folder (default: work/finetuned/NAME in the workshop)")
    add("--merge", action="store_true", help="write a whole model too, in OUT/merged")
    add("--style", choices=("chatml", "alpaca"), help="the prompt (default: what the base knows)")
    add("--epochs", type=int, help="default: 3")
    add("--batch-size", type=int, help="examples a step (default: 4)")
    add("--learning-rate", type=float, help="default: 0.001")
    add("--rank", type=int, help="default: 8")
    add("--alpha", type=float, help="default: 16")
    add("--targets", nargs="+", help="some of q k v out gate up down (default: q v)")
    add("--max-tokens", type=int, help="the longest example (default: what the base can read)")
    add("--held-out", type=float, help="the share to test on, 0 for none (default: 0.1)")
    add("--seed", type=int, help="default: 0")
    add("--save-every", type=int, default=20, help="steps between checkpoints (default: 20)")
