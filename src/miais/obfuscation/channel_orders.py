"""The six orders of red, green and blue."""

import numpy as np

CHANNEL_ORDERS = np.array([[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
"""Which channel comes first, second and third: RGB, RBG, GRB, GBR, BRG, BGR; int64, shape (6, 3)."""
