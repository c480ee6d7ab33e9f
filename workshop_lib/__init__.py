"""The code of the workshop "Pretraining and finetuning LLMs from the ground up", in rooms.

    chapter 2   tokenizer  data
    chapter 3   model  sampling  generate
    chapter 4   train
    chapter 5   weights  lit
    chapter 6   finetune  evaluate  lit
    settings    config  assets
    use it      chat  commands
    the course  check  course
    tools       files  paths  require  progress  interactive  plot

What the notebooks build is here too, and a test keeps the two equal; ``Built in:`` in a docstring
names the notebook. Each room hands on what a notebook needs: ``from workshop_lib.model import GPT``.
Nothing is imported here, so ``import workshop_lib`` takes no time.
"""

__version__ = "0.1.0"
