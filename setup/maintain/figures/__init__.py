"""The workshop's figures, one module a notebook, one public function a figure.

`notebook_02a.pipeline()` returns the text of `02_data/figures/pipeline.svg`; helpers are in `svg`.
"""
