"""Quantiles and tails of the distributions behind intervals; SciPy is loaded when one is first asked for."""


def student_quantile(freedom: float, probability: float) -> float:
    """Return below what value Student's t of so many degrees of freedom lies with a probability [1]."""
    from scipy.special import stdtrit  # the service's web process reads titrations, most of the time none

    return float(stdtrit(freedom, probability))


def f_quantile(between: float, within: float, probability: float) -> float:
    """Return below what value Fisher's F of these degrees of freedom lies with a probability [1]."""
    from scipy.special import fdtri

    return float(fdtri(between, within, probability))


def f_tail(between: float, within: float, ratio: float) -> float:
    """Return the probability that Fisher's F of these degrees of freedom exceeds a ratio [1]."""
    from scipy.special import fdtrc

    return float(fdtrc(between, within, ratio))
