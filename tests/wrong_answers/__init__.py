"""For each notebook, answers that its checks must reject with a hint, and one that they accept.

`notebook_02a.py` holds WRONG = {"02a-1": [(answer, "part of its hint"), ...]} and
RIGHT = {"02a-1": answer}.
"""
