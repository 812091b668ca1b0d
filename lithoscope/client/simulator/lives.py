"""How a file comes to be, well or badly: each life acts and yields the seconds until its next act."""

import random
from collections.abc import Callable, Generator
from dataclasses import dataclass

from lithoscope.client.simulator.pc import InstrumentPC
from lithoscope.client.simulator.products import Producer, Product, long_path

Life = Generator[float, None, None]
_TEMPORARY = ("{path}.tmp", "{path}.part", "{folder}/~{name}")
_ACQUISITION_S = 5.0
_TILTS = 12
SERIES_END = "finished.txt"  # what stands in the folder of a series that is complete


@dataclass(frozen=True, slots=True)
class Bench:
    """
    What a life works with.

    Parameters
    ----------
    pc : InstrumentPC
        Where it writes.
    producer : Producer
        What it writes.
    samples : tuple of str
        Names of the samples; a life takes the first.
    quiet_s : float
        The collector's quiet time [s].
    rng : random.Random
        Its chances.
    end_s : float
        When the microscope stops, as true time [s since 1970].
    now_s : callable
        The true time.
    """

    pc: InstrumentPC
    producer: Producer
    samples: tuple[str, ...]
    quiet_s: float
    rng: random.Random
    end_s: float
    now_s: Callable[[], float]

    def single(self) -> Product:
        """Acquire a single file."""
        return self.producer.single(self.samples[0], self.pc.wall_s)

    def quiet(self, low: float, high: float) -> float:
        """Draw a wait between two multiples of the quiet time [s]."""
        return self.quiet_s * self.rng.uniform(low, high)


def plain(bench: Bench) -> Life:
    """Write a file in two strokes and leave it."""
    product = bench.single()
    yield from _in_strokes(bench, product, strokes=2, pause_s=lambda: _ACQUISITION_S)
    bench.pc.note(product)


def group(bench: Bench) -> Life:
    """Write the files of a group one after the other, as a tilt series is acquired."""
    product = bench.producer.group(bench.samples[0], bench.pc.wall_s)
    for path, content in product.files.items():
        bench.pc.write(path, content)
        yield bench.quiet(0.1, 0.6)
    bench.pc.note(product)


def tilt_by_tilt(bench: Bench) -> Life:
    """Write a series one tilt after the other, each of some faults at one of them, and say at its end that it is so."""
    tilts = bench.producer.tilts(bench.samples[0], bench.pc.wall_s, _TILTS)
    faults = dict(zip(bench.rng.sample(range(1, _TILTS + 1), len(_OF_TILTS)), _OF_TILTS, strict=True))
    for tilt in tilts:
        fault = faults.get(tilt.number or 0, "")
        yield from _OF_TILTS[fault](bench, tilt) if fault else _in_strokes(bench, tilt, strokes=1, pause_s=lambda: 0.0)
        bench.pc.note(tilt, fault=fault)
        yield bench.quiet(0.2, 1.5)
    bench.pc.write(f"{tilts[0].group}/{SERIES_END}", b"all tilts are written")


def _tilt_slow(bench: Bench, tilt: Product) -> Life:
    yield from _in_strokes(bench, tilt, strokes=3, pause_s=lambda: bench.quiet(1.2, 3.0))


def _tilt_renamed(bench: Bench, tilt: Product) -> Life:
    temporary = f"{tilt.path}.tmp"
    yield from _in_strokes(bench, tilt.renamed(temporary), strokes=2, pause_s=lambda: bench.quiet(0.5, 2.0))
    bench.pc.rename(temporary, tilt.path)


def _tilt_locked(bench: Bench, tilt: Product) -> Life:
    bench.pc.write(tilt.path, tilt.content)
    with bench.pc.lock(tilt.path):
        yield bench.quiet(1.5, 3.0)


def _tilt_copied(bench: Bench, tilt: Product) -> Life:
    bench.pc.write(tilt.path, tilt.content)
    yield bench.quiet(0.0, 3.0)
    bench.pc.copy(tilt.path, _beside(tilt.path, " - Copy"))


_OF_TILTS: dict[str, Callable[[Bench, Product], Life]] = {
    "slow": _tilt_slow,
    "temporary_name": _tilt_renamed,
    "locked": _tilt_locked,
    "copied": _tilt_copied,
}


def slow(bench: Bench) -> Life:
    """Pause between bursts longer than the quiet time: only the file itself tells that it is not whole."""
    product = bench.single()
    yield from _in_strokes(bench, product, strokes=4, pause_s=lambda: bench.quiet(1.2, 4.0))
    bench.pc.note(product, fault="slow")


def temporary_name(bench: Bench) -> Life:
    """Write under a temporary name, rest there, and rename."""
    product = bench.single()
    folder, _, name = product.path.rpartition("/")
    temporary = bench.rng.choice(_TEMPORARY).format(path=product.path, folder=folder, name=name)
    yield from _in_strokes(bench, product.renamed(temporary), strokes=2, pause_s=lambda: bench.quiet(0.5, 2.0))
    yield bench.quiet(1.2, 3.0)
    bench.pc.rename(temporary, product.path)
    bench.pc.note(product, fault="temporary_name")


def renamed(bench: Bench) -> Life:
    """Rename a finished file, before or after it was collected."""
    product = bench.single()
    bench.pc.write(product.path, product.content)
    bench.pc.note(product, fault="renamed")
    yield bench.quiet(0.3, 30.0)
    later = product.renamed(_beside(product.path, " final"))
    bench.pc.rename(product.path, later.path)
    bench.pc.note(later, fault="renamed")


def locked(bench: Bench) -> Life:
    """Hold the file's lock long after its last byte."""
    product = bench.single()
    bench.pc.write(product.path, product.content)
    bench.pc.note(product, fault="locked")
    with bench.pc.lock(product.path):
        yield bench.quiet(1.5, 5.0)


def rewritten(bench: Bench) -> Life:
    """Finish a file, empty it within the quiet time, and write another in its place."""
    first = bench.single()
    bench.pc.write(first.path, first.content)
    written_s = bench.now_s()
    yield bench.quiet(0.3, 0.7)
    was_left_alone = bench.now_s() - written_s >= bench.quiet_s  # the share was gone meanwhile
    bench.pc.note(first, fault="rewritten", expected="either" if was_left_alone else "never")
    bench.pc.write(first.path, b"")
    yield bench.quiet(1.2, 2.0)
    second = _again(bench, first)
    bench.pc.write(second.path, second.content)
    bench.pc.note(second, fault="rewritten")


def changed_later(bench: Bench) -> Life:
    """Put another acquisition under the name of one that was collected long ago."""
    first = bench.single()
    bench.pc.write(first.path, first.content)
    bench.pc.note(first, fault="changed_later", expected="either")
    yield bench.quiet(5.0, 30.0)
    second = _again(bench, first)
    bench.pc.write(second.path, second.content)
    bench.pc.note(second, fault="changed_later")


def copied(bench: Bench) -> Life:
    """Copy a file beside itself."""
    product = bench.single()
    bench.pc.write(product.path, product.content)
    bench.pc.note(product, fault="copied")
    yield bench.quiet(0.0, 10.0)
    twin = product.renamed(_beside(product.path, " - Copy"))
    bench.pc.copy(product.path, twin.path)
    bench.pc.note(twin, fault="copied")


def second_sample(bench: Bench) -> Life:
    """Copy a file into another sample's folder."""
    product = bench.single()
    bench.pc.write(product.path, product.content)
    bench.pc.note(product, fault="second_sample")
    yield bench.quiet(0.0, 10.0)
    other = bench.samples[1]
    twin = Product(product.kind, other, "", {product.path.replace(bench.samples[0], other, 1): product.content})
    bench.pc.copy(product.path, twin.path)
    bench.pc.note(twin, fault="second_sample")


def long_name(bench: Bench) -> Life:
    """Write where names and folders are long."""
    product = bench.single()
    product = product.renamed(long_path(product.path))
    yield from _in_strokes(bench, product, strokes=2, pause_s=lambda: _ACQUISITION_S)
    bench.pc.note(product, fault="long_name")


def unmatched(bench: Bench) -> Life:
    """Write beside the samples' folders."""
    product = bench.single().renamed(f"adjustment of {bench.rng.getrandbits(40):010x}.tif")
    bench.pc.write(product.path, product.content)
    bench.pc.note(product, fault="unmatched", expected="never")
    yield 0.0


def empty(bench: Bench) -> Life:
    """Begin a file and write nothing."""
    product = bench.single()
    product = product.renamed(product.path)
    bench.pc.write(product.path, b"")
    bench.pc.note(product, fault="empty", expected="never")
    yield 0.0


def unsettled(bench: Bench) -> Life:
    """Add to a file as long as the microscope runs, with rests around the quiet time."""
    product = bench.single()
    bench.pc.write(product.path, product.content[:40])
    bench.pc.note(product, fault="unsettled", expected="never")
    rest_s = (bench.end_s - bench.now_s()) / 100  # never so many that it could become whole
    while bench.now_s() < bench.end_s:
        yield max(bench.quiet(0.3, 0.9), rest_s)
        bench.pc.write(product.path, b"\0\0", keep=True)


def restart(bench: Bench) -> Life:
    """Leave a file half because the PC goes down, and acquire it again after the start."""
    product = bench.single()
    bench.pc.write(product.path, product.content[: len(product.content) // 2])
    bench.pc.note(product, fault="restart", expected="never")
    yield bench.quiet(1.0, 3.0)
    again = _again(bench, product).renamed(_beside(product.path, " again"))
    yield from _in_strokes(bench, again, strokes=2, pause_s=lambda: _ACQUISITION_S)
    bench.pc.note(again, fault="restart")


def clock_jump(bench: Bench) -> Life:
    """Set the PC's clock wrong by up to a quarter of an hour."""
    bench.pc.set_clock(bench.rng.uniform(-900.0, 900.0))
    yield 0.0


def share_gone(bench: Bench) -> Life:
    """Take the share away for some quiet times."""
    while bench.pc.is_away:
        yield bench.quiet(1.0, 2.0)
    bench.pc.drop_share()
    yield bench.quiet(1.0, 20.0)
    bench.pc.restore_share()


LIVES: dict[str, Callable[[Bench], Life]] = {
    life.__name__: life
    for life in (
        slow, temporary_name, renamed, locked, rewritten, changed_later, copied, second_sample, long_name, unmatched,
        empty, unsettled, restart, clock_jump, share_gone,
    )
}  # fmt: skip


def _in_strokes(bench: Bench, product: Product, *, strokes: int, pause_s: Callable[[], float]) -> Life:
    """Write a single file piece by piece; the last piece is never empty."""
    content = product.content
    ends = [len(content) * stroke // strokes for stroke in range(1, strokes + 1)]
    for begin, end in zip([0, *ends], ends, strict=False):
        if begin:
            yield pause_s()
        bench.pc.write(product.path, content[begin:end], keep=begin > 0)


def _again(bench: Bench, product: Product) -> Product:
    """Acquire another file of the same format for the same name."""
    while (other := bench.single()).kind != product.kind:
        pass
    return other.renamed(product.path)


def _beside(path: str, addition: str) -> str:
    stem, dot, suffix = path.rpartition(".")
    return f"{stem}{addition}{dot}{suffix}"
