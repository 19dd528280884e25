#!/usr/bin/env python3
"""Loads freshly started servers, one after the other, and tells which threads took the time.

    fresh.py FOLDER PROCESSES NAME=JAR[,JVM FLAG]...

FOLDER is the benchmark harness, built ("build.sh"). What the compilers make of the first load
decides what the next ones cost, so two processes of one jar differ by a tenth and more: each jar
is started PROCESSES times, in turns with the others, warmed up and loaded in the harness's order.
Prints for each load the server's µs of a delivery, deliveries a second, the load tool's own µs, and
the processors that each kind of thread took meanwhile; then medians.
"""
import collections
import os
import re
import statistics
import sys
import threading
import time

import turns

ORDER = ("S1", "S2", "S4")
WINDOW = 2.5


def times(pid):
    """Nanoseconds on a processor by kind of thread, which is its name without numbers."""
    result = collections.Counter()
    for thread in os.listdir("/proc/%d/task" % pid):
        try:
            with open("/proc/%d/task/%s/schedstat" % (pid, thread)) as stat:
                spent = int(stat.read().split()[0])
            with open("/proc/%d/task/%s/comm" % (pid, thread)) as comm:
                name = re.sub(r"[-#]?\d.*", "", comm.read().strip())
        except FileNotFoundError:
            continue  # it ended meanwhile
        result[name] += spent
    return result


def load(server, scenario):
    shares = {}

    def watch():
        time.sleep(1.5)
        before = times(server.process.pid)
        time.sleep(WINDOW)
        after = times(server.process.pid)
        for name in after:
            shares[name] = (after[name] - before[name]) / WINDOW / 1e9

    watcher = threading.Thread(target=watch)
    watcher.start()
    row = server.load(scenario)
    watcher.join()
    busy = sorted(((share, name) for name, share in shares.items() if share >= 0.002), reverse=True)
    print("%s %s %.3f us, %.0f/s, load tool %.3f us;" % (
        server.name, scenario, row["srv_us_per_deliv"], row["deliv_per_s"], row["lg_us_per_deliv"]),
        ", ".join("%s %.3f" % (name, share) for share, name in busy), flush=True)
    return row["srv_us_per_deliv"]


def main():
    if len(sys.argv) < 4:
        raise SystemExit(__doc__)
    folder = os.path.abspath(sys.argv[1])
    costs = collections.defaultdict(list)
    for _ in range(int(sys.argv[2])):
        for argument in sys.argv[3:]:
            server = turns.Server(folder, argument)
            try:
                server.wait()
                server.load("warm")
                for scenario in ORDER:
                    costs[server.name, scenario].append(load(server, scenario))
            finally:
                server.process.terminate()
                server.process.wait()
    for (name, scenario), all_of in costs.items():
        print("%s %-12s median %.3f us of %d" % (
            scenario, name, statistics.median(all_of), len(all_of)))


if __name__ == "__main__":
    main()
