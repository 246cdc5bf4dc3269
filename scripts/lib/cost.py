#!/usr/bin/env python3
"""Runs a command and prints what it cost: CPU milliseconds, wall milliseconds, peak KiB, exit code; its own output goes
to standard error. For scripts/bench."""
import os
import subprocess
import sys
import time

began = time.monotonic()
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=sys.stderr)
_, status, used = os.wait4(child.pid, 0)
wall = time.monotonic() - began
print(round(1000 * (used.ru_utime + used.ru_stime)), round(1000 * wall), used.ru_maxrss, os.waitstatus_to_exitcode(status))
