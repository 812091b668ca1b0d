"""Which inputs one dataset fills: how the same recipe or method is run over many datasets."""

from collections.abc import Collection, Iterable


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
    named = {port: f"{dataset_id}/{port}" for port in free if port in arrays}
    return named or dict.fromkeys(free[:1], dataset_id)
