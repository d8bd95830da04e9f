# SPDX-License-Identifier: Apache-2.0
"""Runs independent checks on all cores; the last line printed is `N passed, N failed`."""

import concurrent.futures
import os
import subprocess
import sys
from typing import Callable, Iterable, List, NamedTuple


class Failure(Exception):
    """Why a check failed."""


class Check(NamedTuple):
    name: str
    run: Callable[[], None]  # raises Failure


def command(arguments: List[str], cwd=None, env=None) -> str:
    """What the command printed; raises Failure with that when it fails."""
    done = subprocess.run([str(a) for a in arguments], cwd=cwd, env=env, text=True,
                          errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    if done.returncode != 0:
        tail = "\n".join(done.stdout.splitlines()[-40:])
        raise Failure(f"$ {' '.join(str(a) for a in arguments)}\n{tail}\nexit code {done.returncode}")
    return done.stdout


def run(checks: Iterable[Check]) -> int:
    """Runs them all and prints those that failed. Returns the exit code."""
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        running = {pool.submit(check.run): check for check in checks}
        for future in concurrent.futures.as_completed(running):
            try:
                future.result()
                passed += 1
            except Failure as failure:
                failed += 1
                print(f"FAILED {running[future].name}\n{failure}\n", flush=True)
    print(f"{passed} passed, {failed} failed")
    sys.stdout.flush()
    return 1 if failed or not passed else 0
