package dev.roomcast.chat;

import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * The connection of a session: what is sent on it, whether somebody is still there, and how it is
 * closed. When it closes itself it tells the session, once the close is under way.
 *
 * <p>{@code closeSent}, {@code tooSlow} and the counts of bytes are guarded by "this", which is
 * never held while the transport or the session is called. Thread-safe.
 */
final class Connection {

  private final ChatNode node;
  private final ClientSession session;
  private volatile Transport transport;
  private final Outbox outbox;
  private boolean closeSent;
  private boolean tooSlow;
  private volatile long lastHeard;
  private volatile long lastPing;
  private long received;
  private long receivedReported;
  private long sentReported;

  Connection(ChatNode node, ClientSession session, Transport transport) {
    this.node = node;
    this.session = session;
    this.transport = transport;
    this.outbox =
        new Outbox(
            transport,
            node.limits().outboxBytes(),
            node.clock(),
            node.outboxes(),
            node.hooks().listens());
    this.lastHeard = node.clock().millis();
  }

  /** Sends a frame; a client that does not keep up is closed, and can resume. */
  void send(Frame frame) {
    if (!outbox.offer(frame)) {
      tooSlow(LimitHit.OUTBOX_BYTES);
    }
  }

  /** Reads what a frame will need, see {@link Transport#lookAhead}. */
  int lookAhead() {
    return outbox.lookAhead();
  }

  /** Closes it, for this reason. */
  void tooSlow(LimitHit reason) {
    synchronized (this) {
      if (tooSlow || !session.connected()) {
        return;
      }
      tooSlow = true;
    }
    node.counters().tooSlow.increment();
    node.limitHit(reason);
    node.clientLog()
        .dropped(
            session,
            Level.INFO,
            "closed, it does not read fast enough ("
                + reason.limit()
                + "); it can resume and loses nothing");
    outbox.close();
    closeNow(CloseCode.TOO_SLOW, "too slow, resume from your position");
    session.closed(CloseCode.TOO_SLOW.code());
  }

  /** Notes a text frame, and returns how many bytes it has: as many as characters when plain. */
  int received(String text, boolean plain, long now) {
    heard(now);
    int bytes = plain ? text.length() : utf8Length(text);
    synchronized (this) {
      received += bytes;
    }
    return bytes;
  }

  private static int utf8Length(String text) {
    int length = text.length();
    int bytes = length;
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        // Each half of a pair counts two of its four bytes.
        bytes += c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
      }
    }
    return bytes;
  }

  /** Notes a sign of life. */
  void heard(long now) {
    lastHeard = now;
  }

  /** Looks for dead peers and writes that take too long. */
  void check(long now) {
    report();
    Limits limits = node.limits();
    if (outbox.writingMillis() > limits.writeTimeout().toMillis()) {
      Transport stuck = transport;
      tooSlow(LimitHit.WRITE_TIMEOUT);
      stuck.abort();
      return;
    }
    long quiet = now - lastHeard;
    if (quiet > limits.heartbeat().toMillis() * 5 / 2) {
      closeNow(CloseCode.NO_HEARTBEAT, "no sign of life");
      session.closed(CloseCode.NO_HEARTBEAT.code());
    } else if (Math.min(quiet, now - lastPing) > limits.heartbeat().toMillis()) {
      lastPing = now;
      transport.ping();
    }
  }

  /** Closes after what is queued. */
  void closeWhenWritten(CloseCode code, String reason) {
    // The session may be over before what is queued is written: the close frame is still due.
    Transport to = transport;
    outbox.whenEmpty(() -> closeNow(to, code, reason));
  }

  /** Closes after the write in flight; what else is queued is not sent. */
  void closeNow(CloseCode code, String reason) {
    closeNow(transport, code, reason);
  }

  private void closeNow(Transport to, CloseCode code, String reason) {
    synchronized (this) {
      if (closeSent) {
        return;
      }
      closeSent = true;
    }
    outbox.close(); // nothing may follow a close frame
    to.close(code.code(), reason);
  }

  /** Bytes that wait to be written, the write in flight included. */
  int queuedBytes() {
    return outbox.bytes();
  }

  /** Cuts it, without a word. */
  void abort() {
    transport.abort();
  }

  /** Stops reading from the client, or goes on. */
  void reading(boolean on) {
    transport.reading(on);
  }

  /** It is over: drops what waits, and lets go of the transport. */
  void over() {
    outbox.close();
    transport = NoTransport.INSTANCE;
    report();
  }

  /** Adds what came and went since the last time to the node's counts. */
  private void report() {
    long in;
    long out;
    synchronized (this) {
      in = received - receivedReported;
      receivedReported += in;
      out = outbox.sent() - sentReported;
      sentReported += out;
    }
    node.counters().received.add(in);
    node.counters().sent.add(out);
  }

  /** Up to where a room's log was written, once it is over; null when all was that was sent. */
  @Nullable Position before(String room) {
    return outbox.before(room);
  }

  /** Bytes of text frames that came in. */
  synchronized long received() {
    return received;
  }

  /** Bytes of frames that were handed to the transport. */
  long sent() {
    return outbox.sent();
  }
}
