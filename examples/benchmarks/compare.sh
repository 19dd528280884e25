#!/bin/sh
# Measures Roomcast beside other servers and prints the table of RESULTS.md.
#
#   compare.sh FOLDER [option of FOLDER/run.py]...
#
# FOLDER is the benchmark harness, built ("build.sh node java"). Nothing else should run on the
# machine. What is given after FOLDER comes after the defaults and wins: "--groups S4 --reps 1" for a
# quick look, "--java /path/to/java" for another JVM. The rows go to comparison.jsonl in the target
# folder, where "--table" finds them again.
set -eu

if [ $# -lt 1 ] || [ ! -f "$1/run.py" ]; then
  echo "usage: compare.sh FOLDER [option of FOLDER/run.py]..., FOLDER being the benchmark harness" >&2
  exit 2
fi
bench=$(cd "$1" && pwd)
shift
here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../.." && pwd)
jar="$project/examples/demo/target/roomcast-demo.jar"

if [ ! -x "$bench/loadgen" ]; then
  echo "compare.sh: $bench/loadgen is missing: run build.sh there first" >&2
  exit 2
fi
if [ ! -f "$jar" ]; then
  echo "compare.sh: $jar is missing: run mvn -q package -DskipTests first" >&2
  exit 2
fi

mkdir -p "$here/target"
cd "$bench"
exec python3 run.py \
  --project "$project" \
  --peers roomcast,limit,limit-batch,ws,ws-preframed,vertx,tomcat \
  --groups G1,G2,G5,G6,G6H \
  --reps 3 \
  --out "$here/target/comparison.jsonl" \
  --log "$here/target/comparison-logs" \
  "$@"
