"""The options of the longer verbs; nothing here takes long to import."""

import argparse
import inspect
import re
from collections.abc import Iterable
from dataclasses import MISSING, Field, fields
from typing import Any, get_args

from workshop_lib.config.finetuning import STYLES, FinetuneConfig
from workshop_lib.config.model import GPTConfig
from workshop_lib.config.training import TrainConfig

# What `pretrain` takes: the sizes that each model must have, and all of its run. They replace the
# profile's or the preset's.
MODEL_SIZES = [size for size in fields(GPTConfig) if size.default is MISSING]
SIZES = {size.name: size for size in (*MODEL_SIZES, *fields(TrainConfig))}


def pretrain_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb `pretrain`."""
    add = parser.add_argument
    add("text", nargs="?", help="a file, or a folder with .txt and .md files (default: the plays)")
    add("--out", help="the run's folder (default: work/pretrained in the workshop)")
    add("--preset", help="a model by name, such as plays-llama or gpt2")
    help_texts = descriptions(GPTConfig) | descriptions(TrainConfig)
    group = parser.add_argument_group("sizes", "default: the profile's, or the preset's")
    add_fields(group, SIZES.values(), help_texts, show_defaults=False)
    add("--devices", type=int, default=1, help="GPUs, or processes on a CPU (default: 1)")
    add("--strategy", default="ddp", choices=("ddp", "fsdp"), help="whole or sharded weights")
    add("--nodes", type=int, default=1, help="computers; start the command on each (default: 1)")
    add("--save-every", type=int, default=100, help="steps between checkpoints (default: 100)")


def finetune_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb `finetune`."""
    add = parser.add_argument
    add("--data", required=True, help="a JSON list or JSON Lines: instruction, input, output")
    add("--out", help="the run's folder (default: work/finetuned/NAME in the workshop)")
    add("--merge", action="store_true", help="write a whole model too, in OUT/merged")
    group = parser.add_argument_group("settings")
    add_fields(group, fields(FinetuneConfig), descriptions(FinetuneConfig), style=STYLES)
    add("--save-every", type=int, default=20, help="steps between checkpoints (default: 20)")


def add_fields(
    parser: argparse._ActionsContainer,
    options: Iterable[Field],
    help_texts: dict[str, str],
    *,
    show_defaults: bool = True,
    **choices: tuple[str, ...],
) -> None:
    """Add an option for each field of a config; without it the value is None.

    Args:
        parser: the verb's, or a group of it.
        options: fields of a config.
        help_texts: by the fields' names.
        show_defaults: whether the help says the field's default.
        choices: the values that a field can have.
    """
    for option in options:
        kind, *others = get_args(option.type) or (option.type,)
        is_list = others == [...]
        text = help_texts[option.name].replace("%", "%%")
        if show_defaults and option.default is not None:
            default: Any = option.default
            text += f" (default: {' '.join(default) if is_list else default})"
        parser.add_argument(
            "--" + option.name.replace("_", "-"),
            type=kind,
            nargs="+" if is_list else None,
            choices=choices.get(option.name),
            help=text,
        )


def descriptions(config: type) -> dict[str, str]:
    """Read what a config's docstring says of each field, on one line."""
    text = inspect.getdoc(config) or ""
    text = text.partition("Args:\n")[2].partition("\n\n")[0]
    found = {}
    for names, description in re.findall(r"^    ([\w, ]+): (.*(?:\n {8}.*)*)", text, re.MULTILINE):
        for name in names.split(", "):
            found[name] = " ".join(description.split()).rstrip(".")
    return found


def chosen(options: argparse.Namespace, names: Iterable[str]) -> dict[str, Any]:
    """Take from the parsed options those that were given."""
    return {name: value for name in names if (value := getattr(options, name)) is not None}
