"""How to train: batches, schedule and optimizer."""

from dataclasses import dataclass

from workshop_lib.require import require_choice, require_count


@dataclass(frozen=True)
class TrainConfig:
    """How to train: batches, schedule and optimizer.

    Args:
        steps: optimizer steps in the whole run.
        batch_size: B, windows per step (a micro-batch where gradient_accumulation_steps > 1).
        context_length: T, tokens in a window.
        gradient_accumulation_steps: micro-batches whose gradients are summed before one step.
        max_lr: the learning rate at the end of the warm-up.
        min_lr: the learning rate that the cosine ends at.
        warmup_steps: steps in which the rate rises linearly to max_lr.
        weight_decay: AdamW's pull of the weight matrices towards zero.
        beta1, beta2: AdamW's memory of the gradient and of its square.
        grad_clip: the greatest norm the gradient may have.
        optimizer: "adamw", or "muon" for the matrices inside the blocks and AdamW for the rest.
        seed: the one seed that everything random in the run starts from.

    Raises:
        ValueError: a number is outside its range.

    Source: Brown et al. 2020, appendix B, for the schedule and AdamW's settings.
    Used in: 04a
    """

    steps: int
    batch_size: int
    context_length: int
    gradient_accumulation_steps: int = 1
    max_lr: float = 3e-3
    min_lr: float = 3e-4
    warmup_steps: int = 20
    weight_decay: float = 0.1
    beta1: float = 0.9
    beta2: float = 0.95
    grad_clip: float = 1.0
    optimizer: str = "adamw"
    seed: int = 1337

    def __post_init__(self):
        for name in ("steps", "batch_size", "context_length", "gradient_accumulation_steps"):
            require_count(name, getattr(self, name))
        if self.warmup_steps < 0:
            raise ValueError(f"warmup_steps {self.warmup_steps} is below 0")
        if not 0 <= self.min_lr <= self.max_lr:
            raise ValueError(f"need 0 <= min_lr <= max_lr, got {self.min_lr} and {self.max_lr}")
        if self.weight_decay < 0:
            raise ValueError(f"weight_decay {self.weight_decay} is below 0")
        for name in ("beta1", "beta2"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} {getattr(self, name)} is outside 0 <= {name} < 1")
        if not self.grad_clip > 0:
            raise ValueError(f"grad_clip {self.grad_clip} must be above 0")
        require_choice("optimizer", self.optimizer, ("adamw", "muon"))
