"""Quadratic equations in IEEE arithmetic: a division by zero is an infinity or NaN, as in the tool, never an error."""

import math

import numpy as np


def quotient(numerator: float, denominator: float) -> float:
    """Divide as IEEE 754 says.

    Args:
        numerator: Any float.
        denominator: Any float; the sign of a zero counts.

    Returns:
        The quotient; an infinity or NaN for a division by zero.

    Example:
        >>> quotient(1, -0.0), quotient(0, 0)
        (-inf, nan)
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.float64(numerator) / np.float64(denominator))


def quadratic_roots(a: float, b: float, c: float) -> tuple[float, float] | None:
    """Solve a x^2 + b x + c = 0.

    Args:
        a: Coefficient of x^2. For 0 the equation is not solved as a linear one: the roots are infinite or NaN.
        b: Coefficient of x.
        c: Constant.

    Returns:
        The root with + and that with - before the square root; None if both are complex.

    Example:
        >>> quadratic_roots(1, -3, 2)
        (2.0, 1.0)
        >>> quadratic_roots(1, 0, 1) is None
        True
    """
    a, b, c = float(a), float(b), float(c)  # The zero of the integers has no sign, and -b needs one.
    discriminant = b * b - 4 * a * c
    if discriminant < 0:
        return None
    root = math.sqrt(discriminant)
    return quotient(-b + root, 2 * a), quotient(-b - root, 2 * a)


def root_nearest_zero(a: float, b: float, c: float) -> float | None:
    """Solve a x^2 + b x + c = 0 for the root of the smaller magnitude.

    Args:
        a: Coefficient of x^2, as for `quadratic_roots`.
        b: Coefficient of x.
        c: Constant.

    Returns:
        The root, with the one of - taken if a comparison meets NaN; None if both are complex.

    Example:
        >>> root_nearest_zero(1, 1, -6)
        2.0
    """
    roots = quadratic_roots(a, b, c)
    if roots is None:
        return None
    return roots[0] if abs(roots[0]) <= abs(roots[1]) else roots[1]
