package dev.roomcast.chat;

import java.util.concurrent.atomic.LongAdder;

/** What a node counts: nothing is dropped without one of these. Thread-safe. */
final class Counters {
  final LimitHits limitHits = new LimitHits();
  final LongAdder opened = new LongAdder();
  final LongAdder members = new LongAdder();
  final LongAdder published = new LongAdder();
  final LongAdder delivered = new LongAdder();
  final LongAdder duplicatesDropped = new LongAdder();
  final LongAdder repairs = new LongAdder();
  final LongAdder gaps = new LongAdder();
  final LongAdder tooSlow = new LongAdder();
  final LongAdder abuse = new LongAdder();
  final LongAdder rateLimited = new LongAdder();
  final LongAdder invalidCommands = new LongAdder();
  final LongAdder resumed = new LongAdder();
  final LongAdder reaped = new LongAdder();
  final LongAdder skipped = new LongAdder();
  final LongAdder lateProbes = new LongAdder();
  final LongAdder hooksLate = new LongAdder();
  final LongAdder backendFailures = new LongAdder();
  final LongAdder storeConnections = new LongAdder();
  final LongAdder storeConnectionsLost = new LongAdder();
  final LongAdder tooFewReplicas = new LongAdder();
  final LongAdder received = new LongAdder();
  final LongAdder sent = new LongAdder();
}
