"""What the commands do after each step: log, save, stop."""

import json
import time
from pathlib import Path

from workshop_lib.commands.interrupt import Interrupt
from workshop_lib.commands.run_folder import (
    CHECKPOINT,
    LOG,
    clear_write_errors,
)
from workshop_lib.files import write_json
from workshop_lib.progress import is_static, progress
from workshop_lib.train.checkpoint import save_checkpoint
from workshop_lib.train.parallel import all_reduce_mean, full_state, is_sharded
from workshop_lib.train.state import TrainState


class Stopped(Exception):
    """Ctrl-C was pressed, and the step it fell into is saved."""


class Watch:
    """What happens after each step: the bar moves, and now and then all is saved.

    Args:
        out: the run's folder.
        steps: steps in the whole run.
        fabric: the run's.
        interrupt: says whether Ctrl-C was pressed.
        save_every: steps from one checkpoint to the next.
    """

    def __init__(self, out: Path, steps: int, fabric, interrupt: Interrupt, save_every: int):
        self.out, self.fabric, self.interrupt, self.save_every = out, fabric, interrupt, save_every
        self.losses = json.loads((out / LOG).read_text("utf-8")) if (out / LOG).is_file() else []
        self.bar = progress(range(steps), "steps") if fabric.is_global_zero else None
        self.began, self.first_step = time.perf_counter(), None

    def __call__(self, state: TrainState) -> None:
        self.losses = self.losses[: state.step - 1] + [round(state.loss, 4)]
        if self.bar is not None:
            self.show(state)
        # The devices must agree: whichever noticed Ctrl-C, all of them stop after this step.
        stop = all_reduce_mean(self.interrupt.came, self.fabric) > 0
        done = state.step == state.config.steps
        if stop or done or state.step % self.save_every == 0:
            self.save(state)
        if stop and not done:
            raise Stopped(f"Stopped and saved after step {state.step}; the same command goes on.")

    def show(self, state: TrainState) -> None:
        """Move the bar to the state's step, with its loss and the tokens a second so far."""
        if self.first_step is None:
            self.first_step = self.bar.initial = self.bar.n = state.step - 1
        config, seconds = state.config, time.perf_counter() - self.began
        steps = state.step - self.first_step
        n_tokens = (
            steps * config.batch_size * config.gradient_accumulation_steps * config.context_length
        )
        speed = "" if is_static() else f", {n_tokens / seconds:,.0f} tokens/s"
        self.bar.set_postfix_str(f"loss {state.loss:.2f}{speed}", refresh=False)
        self.bar.update()

    def save(self, state: TrainState) -> None:
        """Write the losses, then the checkpoint: a crash between them loses neither."""
        if is_sharded(next(state.model.parameters())):
            state = full_state(state)
        if self.fabric.is_global_zero:
            with clear_write_errors(self.out):
                write_json(self.out / LOG, self.losses)
                save_checkpoint(self.out / CHECKPOINT, state)

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
