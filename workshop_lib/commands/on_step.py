"""The callback of `pretrain` and `finetune`, which logs, saves, and stops after Ctrl-C."""

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from workshop_lib.commands.interrupt import Interrupt
from workshop_lib.commands.run_folder import RunFolder, clear_write_errors
from workshop_lib.files import write_json
from workshop_lib.progress import is_static, progress
from workshop_lib.train.checkpoint import save_checkpoint
from workshop_lib.train.parallel import all_reduce_mean
from workshop_lib.train.state import TrainState

if TYPE_CHECKING:
    from lightning.fabric import Fabric


class Stopped(Exception):
    """Ctrl-C was pressed, and the step it came in is saved."""


class StepCallback:
    """Moves the progress bar, saves now and then, and stops the run after Ctrl-C.

    Used as a context manager around `train`. After it `stopped` says whether Ctrl-C ended the run.

    Args:
        folder: the run's folder, which receives the checkpoint.
        steps: steps in the whole run.
        save_every: steps from one checkpoint to the next.
        tokens_per_step: on all devices together, for the tokens per second that the bar shows.
        to_save: makes of a state what the checkpoint shall hold; called on all devices together.
        log_losses: whether the loss of each step is written to the run's folder, too.
        fabric: the run's, where there is one.
    """

    def __init__(
        self,
        folder: RunFolder,
        *,
        steps: int,
        save_every: int,
        tokens_per_step: float,
        to_save: Callable[[TrainState], TrainState],
        log_losses: bool = False,
        fabric: "Fabric | None" = None,
    ):
        self.folder, self.steps, self.save_every = folder, steps, save_every
        self.tokens_per_step, self.to_save = tokens_per_step, to_save
        self.fabric, self.is_main = fabric, fabric is None or fabric.is_global_zero
        self.log_losses, self.losses = log_losses, []
        if folder.log.is_file():
            self.losses = json.loads(folder.log.read_text(encoding="utf-8"))
        self.interrupt, self.stopped = Interrupt(), False

    def __enter__(self) -> "StepCallback":
        self.interrupt.__enter__()
        self.bar = progress(range(self.steps), "steps") if self.is_main else None
        self.began, self.steps_done = time.perf_counter(), 0
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, _: object) -> bool:
        self.interrupt.__exit__()
        if self.bar is not None:
            self.bar.close()
        self.stopped = isinstance(error, Stopped)
        if self.stopped and self.is_main:
            print(error)
        return self.stopped

    def __call__(self, state: TrainState) -> None:
        """Do all that is due after this step.

        Raises:
            Stopped: Ctrl-C was pressed; all is saved.
            RuntimeError: a file could not be written.
        """
        self.losses = self.losses[: state.step - 1] + [round(state.loss, 4)]
        self.steps_done += 1
        self.show(state)
        # The devices must agree: if one of them noticed Ctrl-C, all of them stop after this step.
        stop = all_reduce_mean(self.interrupt.came, self.fabric) > 0
        done = state.step == self.steps
        if stop or done or state.step % self.save_every == 0:
            self.save(state)
        if stop and not done:
            raise Stopped(f"Stopped and saved after step {state.step}; the same command goes on.")

    def show(self, state: TrainState) -> None:
        """Move the bar to the state's step, with its loss and the tokens per second so far."""
        if self.bar is None:
            return
        if self.steps_done == 1:  # of a resumed run, the time left is estimated from here
            self.bar.initial = self.bar.n = state.step - 1
        speed = self.steps_done * self.tokens_per_step / (time.perf_counter() - self.began)
        text = "" if is_static() else f", {speed:,.0f} tokens/s"
        self.bar.set_postfix_str(f"loss {state.loss:.2f}{text}", refresh=False)
        self.bar.update()

    def save(self, state: TrainState) -> None:
        """Write the losses, then the checkpoint: a crash between them loses neither."""
        state = self.to_save(state)
        if not self.is_main:
            return
        with clear_write_errors(self.folder.path):
            if self.log_losses:
                write_json(self.folder.log, self.losses)
            save_checkpoint(self.folder.checkpoint, state)
