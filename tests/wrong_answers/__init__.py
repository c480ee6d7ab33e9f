"""For each notebook, answers that its checks must reject with a hint, and some that they accept.

`notebook_02a.py` holds WRONG = {"02a-1": [(answer, "part of its hint"), ...]} and
RIGHT = {"02a-1": [answer, answer written differently, …]}. A table that is not converted yet may hold
one answer alone instead of the list; `test_exercises.py` says which are.

A forgotten `return`, a changed argument, an odd type, and numbers of torch and NumPy need no entry:
`test_exercises.py` tries them with each exercise.
"""
