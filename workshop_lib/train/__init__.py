"""Pretraining: loss, optimizer, loop, checkpoints (chapter 4)."""

from workshop_lib.train.checkpoint import load_checkpoint, restore, save_checkpoint
from workshop_lib.train.loop import count_targets, repeat_epochs, run_callback, train
from workshop_lib.train.loss import next_token_loss
from workshop_lib.train.loss_in_chunks import CHUNK_LOGITS, ChunkedLoss, chunked_loss, loss_sum
from workshop_lib.train.muon import NEWTON_SCHULZ, Muon, make_muon, orthogonalize
from workshop_lib.train.optimizer import learning_rate, make_optimizer
from workshop_lib.train.parallel import all_reduce_mean
from workshop_lib.train.state import Callback, StepLog, TrainState
from workshop_lib.train.validation import evaluate, evaluating

__all__ = [
    "CHUNK_LOGITS",
    "Callback",
    "ChunkedLoss",
    "Muon",
    "NEWTON_SCHULZ",
    "StepLog",
    "TrainState",
    "all_reduce_mean",
    "chunked_loss",
    "count_targets",
    "evaluate",
    "evaluating",
    "learning_rate",
    "load_checkpoint",
    "loss_sum",
    "make_muon",
    "make_optimizer",
    "next_token_loss",
    "orthogonalize",
    "repeat_epochs",
    "restore",
    "run_callback",
    "save_checkpoint",
    "train",
]
