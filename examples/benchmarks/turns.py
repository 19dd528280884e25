#!/usr/bin/env python3
"""Loads several servers in turns, all up at once, and prints medians and ratios to the first.

    turns.py FOLDER ROUNDS SCENARIO[,SCENARIO]... NAME=JAR[,JVM FLAG]... [limit] [limit-batch] [vertx]

FOLDER is the benchmark harness, built ("build.sh java"). A machine whose speed changes within minutes
shows what a change to the code does only this way: each round has all of them within seconds. Every
JVM is warmed up by 12 seconds of S1 first.
"""
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import time

SCENARIOS = {
    "warm": "--conns 500 --rooms 1 --members 500 --window 16 --warm 12 --dur 1",
    "S1": "--conns 500 --rooms 1 --members 500 --window 16 --warm 1 --dur 3",
    "S2": "--conns 2000 --rooms 200 --members 10 --window 4 --warm 1.5 --dur 3",
    "S4": "--conns 1000 --rooms 50 --members 20 --drate 20000 --warm 1 --dur 3",
}
OURS = ["--path", "/chat?name={user}", "--join", '{"type":"join","room":"{room}","history":0}',
        "--pub", '{"type":"message","room":"{room}","text":"{text}"}', "--ack", '"type":"joined"']
PEERS = ["--ack", '"joined"']
HERE = os.path.dirname(os.path.abspath(__file__))


class Server:
    def __init__(self, folder, argument):
        self.folder = folder
        self.name, _, what = argument.partition("=")
        self.port = random.randint(20000, 30000)
        self.frames = PEERS
        vertx = os.path.join(folder, "peers/java/vertx/target")
        if self.name.startswith("limit"):
            command = ["./limit", str(self.port)] + (["-b"] if self.name == "limit-batch" else [])
        elif self.name == "vertx":
            command = ["java", "-Xmx2g", "-cp", vertx + "/classes:" + vertx + "/lib/*",
                       "bench.VertxRooms", str(self.port)]
        else:
            jar, *flags = what.split(",")
            self.frames = OURS
            command = ["java", "-Xmx2g", *flags, "-jar", jar, "--port", str(self.port),
                       "--config", os.path.join(HERE, "bench.properties")]
        self.process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        self.rows = {}

    def wait(self):
        end = time.time() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if time.time() > end or self.process.poll() is not None:
                    raise SystemExit("turns.py: " + self.name + " does not start")
                time.sleep(0.1)

    def load(self, scenario):
        command = ["./loadgen", "--dialect", "raw", "--ports", str(self.port), "--pids",
                   str(self.process.pid), "--size", "128", "--pubs", "1",
                   *SCENARIOS[scenario].split(), *self.frames]
        out = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=True)
        row = json.loads(out.stdout.strip().splitlines()[-1])
        for wrong in ("lost", "dup", "reorder", "unjoined"):
            if row[wrong]:
                print(self.name, scenario, wrong, row[wrong])
        return row


def main():
    if len(sys.argv) < 5:
        raise SystemExit(__doc__)
    folder = os.path.abspath(sys.argv[1])
    scenarios = sys.argv[3].split(",")
    servers = []
    try:
        for argument in sys.argv[4:]:
            server = Server(folder, argument)
            servers.append(server)
            server.wait()
            if not server.name.startswith("limit"):
                server.load("warm")
        for turn in range(int(sys.argv[2])):
            for scenario in scenarios:
                for server in servers if turn % 2 == 0 else servers[::-1]:
                    server.rows.setdefault(scenario, []).append(server.load(scenario))
    finally:
        for server in servers:
            server.process.terminate()
    for scenario in scenarios:
        for server in servers:
            rows, first = server.rows[scenario], servers[0].rows[scenario]

            def median(key):
                return statistics.median(row[key] for row in rows)

            def ratio(key):
                return statistics.median(a[key] / b[key] for a, b in zip(rows, first))

            print("%s %-12s %9.0f/s %7.3f us, p99 %7.2f ms; beside the first %.2f times, %.2f of the us" % (
                scenario, server.name, median("deliv_per_s"), median("srv_us_per_deliv"),
                median("p99_ms"), ratio("deliv_per_s"), ratio("srv_us_per_deliv")))


if __name__ == "__main__":
    main()
