package dev.roomcast.examples.benchmarks;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.Json;
import dev.roomcast.examples.redis.RedisProcess;
import dev.roomcast.redis.RedisBackend;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What publications, announcements, deliveries and members cost a node. Confined to one thread. */
final class NodeCosts {

  private static final int ROOMS = 100;
  private static final String TEXT = "x".repeat(128);
  private static final long OWN = ProcessHandle.current().pid();

  private final RedisProcess redis;
  private final Costs.Scale scale;
  private final Figures figures;

  NodeCosts(RedisProcess redis, Costs.Scale scale, Figures figures) {
    this.redis = redis;
    this.scale = scale;
    this.figures = figures;
  }

  void measure() throws IOException, InterruptedException {
    publications();
    announcements();
    members();
    sockets(scale.fewSockets(), "few");
    sockets(scale.manySockets(), "many");
  }

  /** Read from a client, logged in Redis, acknowledged, heard and given to one member. */
  private void publications() throws InterruptedException {
    try (RedisBackend backend = Nodes.connect(redis.toString());
        ChatNode chat = ChatNode.builder(backend).limits(Nodes.LIMITS).start()) {
      Nodes.await("ready", chat::ready);
      List<PublishingSession> sessions = new ArrayList<>();
      for (int i = 0; i < ROOMS; i++) {
        sessions.add(new PublishingSession(chat, "room-" + i, TEXT, 1));
      }
      for (PublishingSession session : sessions) {
        session.awaitJoined();
      }
      talk(sessions, scale.time().multipliedBy(2));
      Duration before = Usage.cpu(OWN);
      long sent = acknowledged(sessions);
      talk(sessions, scale.time());
      sent = acknowledged(sessions) - sent;
      figures.add("node.publication.cpu-us", Usage.micros(Usage.cpu(OWN).minus(before)) / sent);
      sessions.forEach(PublishingSession::close);
    }
  }

  private static long acknowledged(List<PublishingSession> sessions) {
    return sessions.stream().mapToLong(PublishingSession::acknowledged).sum();
  }

  private static void talk(List<PublishingSession> sessions, Duration time)
      throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      boolean sent = false;
      for (PublishingSession session : sessions) {
        sent |= session.fillWindow();
      }
      if (!sent) {
        TimeUnit.MICROSECONDS.sleep(50);
      }
    }
  }

  /** Heard from Redis, each alone, and given to one member; another process publishes. */
  private void announcements() throws IOException, InterruptedException {
    try (RedisBackend backend = Nodes.connect(redis.toString());
        ChatNode chat = ChatNode.builder(backend).limits(Nodes.LIMITS).start()) {
      Nodes.await("ready", chat::ready);
      List<Member> members = new ArrayList<>();
      for (int i = 0; i < ROOMS; i++) {
        members.add(new Member(chat, "member" + i).join("room-" + i));
        members.get(i).awaitJoined();
      }
      try (Child publisher =
          Child.start(List.of(), "publish", redis.toString(), Integer.toString(ROOMS))) {
        publisher.answer();
        scale.pause(2);
        Duration before = Usage.cpu(OWN);
        long heard = chat.stats().delivered();
        scale.pause(1);
        heard = chat.stats().delivered() - heard;
        figures.add("node.announcement.cpu-us", Usage.micros(Usage.cpu(OWN).minus(before)) / heard);
        publisher.ask("stop");
      }
      members.forEach(Member::close);
    }
  }

  /** Members of one room and of small ones, without sockets: memory, and the way to them. */
  private void members() throws InterruptedException {
    int count = scale.members();
    long small = heap(count, 10);
    figures.add("node.member-of-small-room.heap-bytes", (double) small / count);
    try (Backend backend = Backend.inMemory();
        ChatNode chat = ChatNode.builder(backend).limits(Nodes.LIMITS).start()) {
      long before = Nodes.heap();
      List<Member> members = join(chat, count, count);
      figures.add("node.member-of-huge-room.heap-bytes", (double) (Nodes.heap() - before) / count);
      fanOut(chat, count, scale.rounds());
      Duration used = Usage.cpu(OWN);
      long began = System.nanoTime();
      fanOut(chat, count, scale.rounds());
      double deliveries = (double) count * scale.rounds();
      figures.add("node.fan-out.cpu-us", Usage.micros(Usage.cpu(OWN).minus(used)) / deliveries);
      figures.add("node.fan-out.ms", (System.nanoTime() - began) / 1e6 / scale.rounds());
      members.forEach(Member::close);
    }
  }

  private static long heap(int count, int perRoom) throws InterruptedException {
    try (Backend backend = Backend.inMemory();
        ChatNode chat = ChatNode.builder(backend).limits(Nodes.LIMITS).start()) {
      long before = Nodes.heap();
      List<Member> members = join(chat, count, perRoom);
      long after = Nodes.heap();
      members.forEach(Member::close);
      return after - before;
    }
  }

  private static List<Member> join(ChatNode chat, int count, int perRoom)
      throws InterruptedException {
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      members.add(new Member(chat, "member" + i).join("crowd-" + i / perRoom));
    }
    for (Member member : members) {
      member.awaitJoined();
    }
    return members;
  }

  private static void fanOut(ChatNode chat, int members, int times) throws InterruptedException {
    for (int i = 0; i < times; i++) {
      long expected = chat.stats().delivered() + members;
      chat.room("crowd-0").publish("said", Json.of("text", TEXT));
      Nodes.await("delivered", () -> chat.stats().delivered() >= expected);
    }
  }

  /** Members of one room with real sockets, on a server that is another process. */
  private void sockets(int count, String name) throws IOException, InterruptedException {
    try (Child server = Child.start(List.of("-XX:+UseSerialGC", "-Xmn64m"), "serve")) {
      int port = (int) server.answer();
      long empty = server.ask("0");
      try (Subscribers members = Subscribers.join(port, count, "crowd")) {
        members.awaitQuiet();
        figures.add("node.sockets." + name, count);
        figures.add(
            "node.sockets." + name + ".heap-bytes", (double) (server.ask("0") - empty) / count);
        rounds(server, members, count);
        Duration before = Usage.cpu(server.pid());
        long bytes = members.bytes();
        long began = System.nanoTime();
        rounds(server, members, count);
        double rounds = scale.rounds();
        figures.add(
            "node.sockets." + name + ".delivery.cpu-us",
            Usage.micros(Usage.cpu(server.pid()).minus(before)) / rounds / count);
        figures.add(
            "node.sockets." + name + ".delivery.bytes", (members.bytes() - bytes) / rounds / count);
        figures.add(
            "node.sockets." + name + ".round-ms", (System.nanoTime() - began) / 1e6 / rounds);
      }
    }
  }

  /** Each message when the one before has reached everybody. */
  private void rounds(Child server, Subscribers members, int count)
      throws IOException, InterruptedException {
    for (int i = 0; i < scale.rounds(); i++) {
      long expected = members.messages() + count;
      server.ask("1");
      members.await(expected);
    }
  }
}
