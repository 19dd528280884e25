package dev.roomcast.tyrus;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.Limits;
import java.io.IOException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A rehearsal before the doors open: a node in memory and a server of its own on a free port of
 * this machine, which some thousand clients come to, talk on and leave, so that what the first real
 * clients need is compiled and its memory is there.
 *
 * <p>The real node is not touched. What fails here is told and harms nobody. Immutable.
 *
 * @param atMost how long the clients may go on
 * @param clients how many are to come
 * @param limits of the node that is thrown away
 */
record Rehearsal(Duration atMost, int clients, Limits limits) {

  private static final Logger log = LoggerFactory.getLogger(Rehearsal.class);

  /** After so many a connection costs what it costs for ever, as measured. */
  private static final int CLIENTS = 3_000;

  /** As many are here together: with both ends in this process that is less than 1,024 files. */
  private static final int TOGETHER = 400;

  /** So many handshakes are under way, so that neither side waits for the other. */
  private static final int UNDER_WAY = 32;

  private static final int MEMBERS = 10;
  private static final int IN_THE_HALL = 100;
  private static final int MESSAGES = 10;
  private static final int RUSHES = 60;
  private static final int AT_ONCE = 4;
  private static final int MANY = 10_000_000;
  private static final Duration DRAIN = Duration.ofSeconds(1);
  private static final long QUIET_MILLIS = 100;
  private static final long LOOK_MILLIS = 10;

  private static final String MESSAGE =
      "{\"type\":\"message\",\"id\":2,\"room\":\"%s\",\"text\":\"Is everybody here? Then we begin.\"}";

  /** A rehearsal as servers hold it. */
  static Rehearsal of(Duration atMost, Limits real) {
    return new Rehearsal(atMost, CLIENTS, generous(real));
  }

  /**
   * What the real node looks at is looked at, what it has turned off is not, nothing is reached.
   */
  private static Limits generous(Limits real) {
    return Limits.DEFAULTS.toBuilder()
        .connections(many(real.connections()))
        .connectionsPerAddress(many(real.connectionsPerAddress()))
        .handshakesPerSecondPerAddress(many(real.handshakesPerSecondPerAddress()))
        .pendingHandshakes(many(real.pendingHandshakes()))
        .sessionsPerUser(many(real.sessionsPerUser()))
        .commandsPerSecond(many(real.commandsPerSecond()))
        .commandsBurst(MANY)
        .bytesPerSecond(many(real.bytesPerSecond()))
        .bytesBurst(MANY)
        .userCommandsPerSecond(many(real.userCommandsPerSecond()))
        .userCommandsBurst(MANY)
        .drain(DRAIN)
        .build();
  }

  private static int many(int limit) {
    return limit == 0 ? 0 : MANY;
  }

  /** Holds it, in this thread, and ends whatever it needed. */
  void hold() {
    long began = System.nanoTime();
    try {
      int came = inMemory();
      System.gc(); // what it left in the heap is room for the first members
      log.info(
          "rehearsed with {} clients in {} ms",
          came,
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
    } catch (IOException | RuntimeException e) {
      log.warn(
          "the rehearsal failed, so the first clients are served by a cold server: {}",
          e.getMessage(),
          e);
    }
  }

  private int inMemory() throws IOException {
    try (Backend backend = Backend.inMemory();
        ChatNode chat = ChatNode.builder(backend).limits(limits).quiet(true).start()) {
      ChatServer server =
          ChatServer.builder(chat)
              .host(InetAddress.getLoopbackAddress().getHostAddress())
              .port(0)
              .start();
      try (RehearsalClients all = new RehearsalClients(server.port(), atMost)) {
        while (all.inTime() && all.came() < clients) {
          wave(all, Math.min(TOGETHER, clients - all.came()));
        }
        awaitCompilers(all);
        return all.came();
      } finally {
        server.cut();
      }
    }
  }

  /** Some come, the first of all talk, and they leave in one way or the other. */
  private void wave(RehearsalClients all, int count) throws IOException {
    List<RehearsalClients.Client> members = new ArrayList<>(count);
    for (int i = 0; i < count && all.inTime(); i++) {
      int number = all.came();
      members.add(all.come("name=m" + number, join("r" + number / MEMBERS, i)));
      all.settle(UNDER_WAY);
    }
    all.settle(0);
    if (all.came() == members.size()) {
      talk(all, members);
    }
    for (int i = 0; all.came() == clients && i < RUSHES && all.inTime(); i++) {
      rush(all, members, i % 2 == 0 ? AT_ONCE : 1);
    }
    for (int i = 0; i < members.size() && all.inTime(); i += 2) {
      members.get(i).leave();
    }
    all.settle(0);
    all.vanish();
  }

  /** One of each room says something, one room after the other; then many at once in one room. */
  private static void talk(RehearsalClients all, List<RehearsalClients.Client> members)
      throws IOException {
    for (int i = 0; i < members.size() && all.inTime(); i += MEMBERS) {
      members.get(i).say(MESSAGE.formatted("r" + i / MEMBERS), 1);
      all.settle(0);
    }
    List<RehearsalClients.Client> hall = members.subList(0, Math.min(IN_THE_HALL, members.size()));
    for (RehearsalClients.Client member : hall) {
      member.say(join("hall", 0), 1);
    }
    all.settle(0);
    for (int i = 0; i < hall.size() && all.inTime(); i += MEMBERS) {
      hall.get(i).say(MESSAGE.formatted("hall"), MESSAGES);
    }
    all.settle(0);
  }

  /**
   * In all rooms somebody says one or several things at once: what the compilers make of much in
   * one room they would make anew when there is much in many, and the other way round.
   */
  private static void rush(
      RehearsalClients all, List<RehearsalClients.Client> members, int messages)
      throws IOException {
    int first = all.came() - members.size();
    for (int i = 0; i < members.size(); i += MEMBERS) {
      members.get(i).say(MESSAGE.formatted("r" + (first + i) / MEMBERS), messages);
    }
    all.settle(0);
  }

  /** As a newcomer joins, as one who wants to read, and as one who was on another node. */
  private static String join(String room, int way) {
    String more =
        switch (way % 3) {
          case 0 -> ",\"history\":0}";
          case 1 -> "}";
          default -> ",\"since\":{\"offset\":1,\"epoch\":\"before\"}}";
        };
    return "{\"type\":\"join\",\"id\":1,\"room\":\"" + room + "\"" + more;
  }

  /** What is hot by now is in the compilers' queue: it had better be done before clients come. */
  private static void awaitCompilers(RehearsalClients all) {
    @Nullable CompilationMXBean compilers = ManagementFactory.getCompilationMXBean();
    if (compilers == null || !compilers.isCompilationTimeMonitoringSupported()) {
      return;
    }
    long quietSince = System.nanoTime();
    long before = compilers.getTotalCompilationTime();
    while (all.inTime()
        && System.nanoTime() - quietSince < TimeUnit.MILLISECONDS.toNanos(QUIET_MILLIS)) {
      try {
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      long now = compilers.getTotalCompilationTime();
      if (now != before) {
        before = now;
        quietSince = System.nanoTime();
      }
    }
  }
}
