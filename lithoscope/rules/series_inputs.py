"""Which inputs one dataset fills, by the names of its arrays: nobody lists the signals of a series one by one."""

from collections.abc import Collection, Iterable, Sequence


def inputs_from_dataset(
    dataset_id: str, arrays: Collection[str], *, ports: Iterable[str], given: Collection[str] = ()
) -> dict[str, str]:
    """
    Fill inputs from one dataset.

    An array goes to the input of its own name: a simultaneous series fills ``dark_field``, ``x_rays`` and all others at
    once. Where no name agrees, the dataset as a whole goes to the first input that nothing was given for.

    Parameters
    ----------
    dataset_id : str
        ``ds_...``.
    arrays : collection of str
        Names of its arrays.
    ports : iterable of str
        Names of the inputs, in order.
    given : collection of str
        Inputs that are the same for all datasets.

    Returns
    -------
    filled : dict of str to str
        References by input; empty when everything was given.
    """
    free = [port for port in ports if port not in given]
    return inputs_by_name(dataset_id, arrays, ports=free) or dict.fromkeys(free[:1], dataset_id)


def inputs_by_name(dataset_id: str, arrays: Collection[str], *, ports: Iterable[str]) -> dict[str, str]:
    """
    Fill the inputs that are called as arrays of a dataset are; none when no name agrees.

    Parameters
    ----------
    dataset_id : str
        ``ds_...``.
    arrays : collection of str
        Names of its arrays.
    ports : iterable of str
        Names of the inputs that are free.
    """
    return {port: f"{dataset_id}/{port}" for port in ports if port in arrays}


def array_for(port: str, arrays: Sequence[str]) -> str:
    """Return which array of a dataset an input gets when none is named: that of its own name, else the first."""
    return port if port in arrays else arrays[0]
