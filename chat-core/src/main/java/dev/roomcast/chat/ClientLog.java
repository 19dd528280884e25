package dev.roomcast.chat;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * What the log says of clients, as events with key-values: who came and went in {@code
 * roomcast.client}, who was not let in in {@code roomcast.auth}. It has no text of messages and no
 * credentials, and of refusals no more than so many a second. Guarded by "this".
 */
final class ClientLog {

  private static final String QUIET = "roomcast.quiet";
  private static final int REFUSALS_PER_SECOND = 10;

  private final Logger clients;
  private final Logger auth;
  private final boolean quiet;
  private final ChatClock clock;
  private final int messages;
  private long second;
  private int logged;
  private long unlogged;

  /**
   * Makes the log of a node.
   *
   * @param messages one of so many messages is logged, 0 for none
   * @param quiet whether all goes to {@code roomcast.quiet} instead, as TRACE
   */
  ClientLog(ChatClock clock, int messages, boolean quiet) {
    clients = LoggerFactory.getLogger(quiet ? QUIET : "roomcast.client");
    auth = LoggerFactory.getLogger(quiet ? QUIET : "roomcast.auth");
    this.quiet = quiet;
    this.clock = clock;
    this.messages = messages;
  }

  private LoggingEventBuilder about(ClientSession session, Level level) {
    return clients
        .atLevel(quiet ? Level.TRACE : level)
        .addKeyValue("session", session.id())
        .addKeyValue("user", LogText.of(session.user().id()));
  }

  void connected(ClientSession session, String address, boolean resumed, int rooms) {
    about(session, Level.INFO)
        .addKeyValue("address", LogText.of(address))
        .addKeyValue("resumed", resumed)
        .addKeyValue("rooms", rooms)
        .log("connected");
  }

  void disconnected(ClientSession session, int code, int rooms, Duration lasted) {
    about(session, Level.INFO)
        .addKeyValue("code", code)
        .addKeyValue("rooms", rooms)
        .addKeyValue("seconds", lasted.toMillis() / 1e3)
        .addKeyValue("bytesIn", session.connection().received())
        .addKeyValue("bytesOut", session.connection().sent())
        .log("disconnected");
  }

  /** The node ended the connection to protect itself. */
  void dropped(ClientSession session, Level level, String why) {
    about(session, level).log(why);
  }

  /** A client was not let in. */
  void refused(String address, ChatException why) {
    long before;
    synchronized (this) {
      long now = clock.millis() / 1_000;
      before = unlogged;
      if (now != second) {
        second = now;
        logged = 0;
        unlogged = 0;
      } else {
        before = 0;
      }
      if (logged >= REFUSALS_PER_SECOND) {
        unlogged++;
        return;
      }
      logged++;
    }
    LoggingEventBuilder event =
        auth.atLevel(quiet ? Level.TRACE : Level.INFO)
            .addKeyValue("address", LogText.of(address))
            .addKeyValue("reason", why.code().wire())
            .addKeyValue("status", why.code().httpStatus())
            .addKeyValue("detail", LogText.of(String.valueOf(why.getMessage())));
    if (before > 0) {
      event = event.addKeyValue("unlogged", before);
    }
    event.log("refused to connect");
  }

  /** Something was logged in a room; of so many one is told, without its text. */
  void published(String room, Draft draft, Ack ack) {
    if (messages == 0 || ThreadLocalRandom.current().nextInt(messages) > 0) {
      return;
    }
    LoggingEventBuilder event =
        clients
            .atLevel(quiet ? Level.TRACE : Level.INFO)
            .addKeyValue("room", LogText.of(room))
            .addKeyValue("offset", ack.position().offset())
            .addKeyValue("bytes", draft.body().utf8Length());
    @Nullable TraceContext trace = draft.trace();
    if (trace != null) {
      event = event.addKeyValue("trace", trace.traceId());
    }
    event.log("published");
  }
}
