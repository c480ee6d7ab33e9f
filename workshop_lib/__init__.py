"""The code of the workshop "Pretraining and finetuning LLMs from the ground up".

Every class and function here is built in a notebook of the six chapters; a test keeps the two equal.
Import the module you need, for example ``from workshop_lib.model import GPT``: nothing is imported
here, so that ``import workshop_lib`` takes no time.
"""

__version__ = "0.1.0"
