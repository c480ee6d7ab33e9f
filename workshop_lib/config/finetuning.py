"""How to finetune: the settings of a LoRA run, and the sizes of chapter 6's run with LitGPT."""

from dataclasses import dataclass

from workshop_lib.require import require_choice, require_count

STYLES = ("chatml", "alpaca")


@dataclass(frozen=True)
class FinetuneConfig:
    """How to finetune a model with LoRA.

    Args:
        base: the model to start from, see weights.from_pretrained.
        style: the prompt template; by default (None) chatml if the base has its tokens, or
            else alpaca.
        epochs: passes over the training examples.
        batch_size: examples per step.
        learning_rate: the maximum learning rate of AdamW.
        rank: r, the inner dimension of the LoRA matrices.
        alpha: the strength of LoRA's update, which is scaled by alpha / rank.
        targets: the layers to adapt, some of q k v out gate up down.
        max_tokens: the maximum length of an example; by default (None) the base's context length.
        held_out: the share of examples to evaluate on instead of training on them; 0 for none.
        seed: the seed of everything random in the run.

    Raises:
        ValueError: a number is outside its range, or the style is unknown.
    """

    base: str = "smollm2"
    style: str | None = None
    epochs: int = 3
    batch_size: int = 4
    learning_rate: float = 1e-3
    rank: int = 8
    alpha: float = 16.0
    targets: tuple[str, ...] = ("q", "v")
    max_tokens: int | None = None
    held_out: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "rank"):
            require_count(name, getattr(self, name))
        if self.style is not None:
            require_choice("style", self.style, STYLES)
        if self.max_tokens is not None:
            require_count("max_tokens", self.max_tokens)
        if not self.learning_rate > 0:
            raise ValueError(f"learning_rate {self.learning_rate} must be above 0")
        if not 0 <= self.held_out < 1:
            raise ValueError(f"held_out {self.held_out} is outside 0 <= held_out < 1")


@dataclass(frozen=True)
class FinetuneSizes:
    """The size of 06c's finetuning run with LitGPT and of its test.

    Args:
        train_every: train on every n-th training example.
        test_every: test on every n-th group of held-out tasks, each group whole.
        epochs: passes over the training examples.
        learning_rate: the maximum learning rate of AdamW.

    Raises:
        ValueError: a number is outside its range.
    """

    train_every: int
    test_every: int
    epochs: int = 1
    learning_rate: float = 1e-3

    def __post_init__(self) -> None:
        for name in ("train_every", "test_every", "epochs"):
            require_count(name, getattr(self, name))
        if not self.learning_rate > 0:
            raise ValueError(f"learning_rate {self.learning_rate} must be above 0")
