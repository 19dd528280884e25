package dev.roomcast.chat;

import java.time.Duration;
import java.util.List;

/**
 * What was last seen of this node's surroundings, by the tasks that look from time to time: others
 * read it without looking themselves. Thread-safe.
 */
final class Health {

  private volatile List<String> nodes = List.of();
  private volatile long canaryNanos = -1;
  private volatile long canaryAt = -1;
  private volatile long outboxBytes;
  private volatile long largestOutboxBytes;

  /** These nodes have a lease. */
  void nodes(List<String> live) {
    nodes = List.copyOf(live);
  }

  /** A canary came back. */
  void canary(Duration took, long nowMillis) {
    canaryNanos = took.toNanos();
    canaryAt = nowMillis;
  }

  /** So much waited in the outboxes of all connections, and in the largest. */
  void outboxes(long bytes, long largest) {
    outboxBytes = bytes;
    largestOutboxBytes = largest;
  }

  /** The nodes that had a lease when this node last looked. */
  List<String> nodes() {
    return nodes;
  }

  /** How long the last canary that came back took, in ns; -1 when none did. */
  long canaryNanos() {
    return canaryNanos;
  }

  /** When the last canary came back, in ms since 1970; -1 when none did. */
  long canaryAt() {
    return canaryAt;
  }

  long outboxBytes() {
    return outboxBytes;
  }

  long largestOutboxBytes() {
    return largestOutboxBytes;
  }
}
