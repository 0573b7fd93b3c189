"""`python -m tests.soak`, which is scripts/soak: play homes, print what went wrong, and count.

N random viewings with a real mpv, the real plugin and a small Simkl on loopback, in homes of ten viewings.
The same seed plays the same plan; `--only K` plays home K of it again.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed

from mpv_simkl.cli.words import Progress

from .plan import homes, plan
from .stage import run
from .verdict import Verdict, judge, proves_little


def main() -> int:
    """Play, tell, and give the exit code: 0 if nothing went wrong."""
    args = _arguments()
    began = time.monotonic()
    counts: Counter[str] = Counter()
    failed = 0
    sizes = dict(enumerate(homes(args.viewings)))
    wanted = {args.only: sizes[args.only]} if args.only is not None else sizes
    with Progress("viewings", sum(wanted.values())) as progress:
        for verdict, report in _homes(args.seed, wanted, args.jobs):
            counts.update(verdict.counts)
            counts.update(
                {kind: len(getattr(verdict, kind)) for kind in ("lost", "invented", "doubled", "wrong")}
            )
            progress.show(counts["viewings"])
            if verdict.faults:
                failed += 1
                print(report, flush=True)
    _sum_up(args.seed, counts, time.monotonic() - began)
    if proves_little(counts):
        print(f"too many in the band: {counts['in the band']} of them say nothing")
        return 1
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "scripts/soak", description="Watch at random, break things, count what is lost."
    )
    parser.add_argument("viewings", type=int, metavar="N", help="how many viewings")
    parser.add_argument(
        "--seed", type=int, default=time.time_ns() % 10**6, help="default: another one each time"
    )
    parser.add_argument("--jobs", type=int, default=8, help="homes at the same time; mostly they wait")
    parser.add_argument("--only", type=int, metavar="K", help="just the home of this number")
    parser.add_argument("--plan", action="store_true", help="print the plan and play nothing")
    args = parser.parse_args()
    if args.plan:
        for number, size in enumerate(homes(args.viewings)):
            if args.only in (None, number):
                print(plan(args.seed, number, size))
        raise SystemExit(0)
    return args


def _homes(seed: int, sizes: dict[int, int], jobs: int) -> Iterator[tuple[Verdict, str]]:
    with ProcessPoolExecutor(jobs) as pool:
        for done in as_completed([pool.submit(_home, seed, *pair) for pair in sizes.items()]):
            yield done.result()


def _home(seed: int, number: int, viewings: int) -> tuple[Verdict, str]:
    """One home's verdict, and a report to find the fault by."""
    planned = plan(seed, number, viewings)
    story, stuck = run(planned)
    verdict = judge(story)
    if stuck:
        verdict.wrong.insert(0, stuck)
    calls = [
        f"{call.time:%H:%M:%S.%f} {call.path} {call.status} {call.fault} {call.body}" for call in story.calls
    ]
    seen = [f"{outcome.viewing.subject.file}: {outcome.seen}" for outcome in story.outcomes]
    again = f"again: scripts/soak N --seed {seed} --only {number}"
    parts = (*verdict.faults, again, planned, "-- seen", *seen, "-- log", story.log, "-- calls", *calls)
    return verdict, "\n".join(map(str, ("", *parts)))


def _sum_up(seed: int, counts: Counter[str], seconds: float) -> None:
    viewings = max(counts["viewings"], 1)
    print(
        f"seed {seed}: {counts['viewings']} viewings (episodes and films: {counts['watched']} watched, "
        f"{counts['not watched']} not, {counts['in the band']} in the band): "
        f"{counts['lost']} lost, {counts['invented']} invented, "
        f"{counts['doubled']} doubled, {counts['wrong']} otherwise wrong; {counts['requests']} requests "
        f"({counts['requests'] / viewings:.1f} a viewing), {counts['faults']} of them met a fault; "
        f"{counts['deaths']} processes of ours killed; {seconds:.0f} s ({seconds / viewings:.2f} a viewing)"
    )


if __name__ == "__main__":
    sys.exit(main())
