"""The options of the longer verbs come from the fields of the configs."""

import argparse
from dataclasses import fields

import pytest

from workshop_lib.commands.options import SIZES, chosen, finetune_options, pretrain_options
from workshop_lib.config import FinetuneConfig, GPTConfig, TrainConfig


def parser_of(add_options):
    parser = argparse.ArgumentParser()
    add_options(parser)
    return parser


def test_pretrain_takes_the_sizes_of_a_model_and_all_of_its_run():
    assert {"vocab_size", "context_length", "emb_dim", "n_layers", "n_heads"} <= set(SIZES)
    assert {field.name for field in fields(TrainConfig)} <= set(SIZES)
    words = {name: "muon" if name == "optimizer" else "3" for name in SIZES}
    options = [f"--{name.replace('_', '-')}={word}" for name, word in words.items()]
    parsed = parser_of(pretrain_options).parse_args(options)
    kinds = {
        field.name: field.type for config in (GPTConfig, TrainConfig) for field in fields(config)
    }
    assert chosen(parsed, SIZES) == {name: kinds[name](word) for name, word in words.items()}
    assert chosen(parser_of(pretrain_options).parse_args([]), SIZES) == {}


def test_finetune_takes_each_setting_and_names_its_default():
    parser = parser_of(finetune_options)
    names = [field.name for field in fields(FinetuneConfig)]
    words = "--data d --base b --style alpaca --epochs 2 --batch-size 3 --learning-rate 0.5 "
    words += "--rank 4 --alpha 2 --targets q k --max-tokens 9 --held-out 0 --seed 7"
    assert FinetuneConfig(**chosen(parser.parse_args(words.split()), names)) == FinetuneConfig(
        "b", "alpaca", 2, 3, 0.5, 4, 2.0, ["q", "k"], 9, 0.0, 7
    )
    assert chosen(parser.parse_args(["--data", "d"]), names) == {}
    text = " ".join(parser.format_help().split())
    assert "(default: smollm2)" in text and "(default: q v)" in text and "(default: 0.1)" in text


@pytest.mark.parametrize("add_options", [pretrain_options, finetune_options])
def test_each_option_has_a_help_text(add_options):
    for action in parser_of(add_options)._actions:
        assert action.help and "\n" not in action.help, action.dest
