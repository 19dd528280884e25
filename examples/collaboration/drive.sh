#!/bin/sh
# Starts two instances on one Redis and drives them: ./drive.sh [REDIS_URL]. Ends with 0 when all went as it should.
set -eu
cd "$(dirname "$0")"
redis=${1:-redis://127.0.0.1:6379}
classpath=${COLLABORATION_CLASSPATH:-target/test-classes:target/classes:$(cat target/classpath)}
work=$(mktemp -d)
first= second=
trap 'kill $first $second 2>/dev/null || true; wait; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
head -c 48 /dev/urandom | base64 > "$work/secret"

run() { exec java -Xmx96m -cp "$classpath" "dev.roomcast.examples.collaboration.$@"; }

# The port that an instance says it has taken.
port() {
  for attempt in $(seq 300); do
    sed -n 's/^listening on 127.0.0.1://p' "$1" | grep . && return
    kill -0 "$2" || break
    sleep 0.1
  done
  cat "$1" >&2
  return 1
}

run Collaboration 0 "$redis" "$work/secret" > "$work/first" 2>&1 & first=$!
run Collaboration 0 "$redis" "$work/secret" > "$work/second" 2>&1 & second=$!
one=$(port "$work/first" $first)
two=$(port "$work/second" $second)
echo "two instances, on ports $one and $two"
java -Xmx96m -cp "$classpath" dev.roomcast.examples.collaboration.Drive "127.0.0.1:$one" "127.0.0.1:$two" "$work/secret"
