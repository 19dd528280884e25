package dev.roomcast.examples.benchmarks;

import dev.roomcast.chat.Broker;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.Json;
import dev.roomcast.examples.redis.RedisProcess;
import dev.roomcast.redis.RedisBackend;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/** What messages, subscribers, sessions and nodes cost one Redis. Confined to one thread. */
final class RedisCosts {

  private static final int ROOMS = 200;
  private static final int PIPELINE = 100;
  private static final int WINDOW = 512;
  private static final String CHANNEL = "bench:costs:room:{room-0}";

  private final RedisProcess redis;
  private final Jedis jedis;
  private final Costs.Scale scale;
  private final Figures figures;

  RedisCosts(RedisProcess redis, Jedis jedis, Costs.Scale scale, Figures figures) {
    this.redis = redis;
    this.jedis = jedis;
    this.scale = scale;
    this.figures = figures;
  }

  void measure() throws IOException, InterruptedException {
    plain("redis.plain.alone.cpu-us", 1);
    plain("redis.plain.pipelined.cpu-us", PIPELINE);
    RedisBackend backend = Nodes.connect(redis.toString());
    Listener listener = new Listener();
    try (backend) {
      backend.start("bench", Nodes.LIMITS, listener);
      Broker broker = backend.broker();
      Nodes.await("Redis", () -> isThere(broker));
      messages("redis.message.alone", broker, listener, 1, 1);
      messages("redis.message.rooms", broker, listener, ROOMS, 1);
      messages("redis.message.batched", broker, listener, 1, WINDOW);
      subscribers(broker);
    }
    jedis.flushAll();
    memory();
    jedis.flushAll();
    idleNodes();
  }

  private static boolean isThere(Broker broker) {
    return broker
        .publish("room-0", Publishing.draft())
        .handle((ack, failure) -> failure == null)
        .toCompletableFuture()
        .join();
  }

  private Usage usage() {
    return Usage.of(redis.pid(), jedis);
  }

  /** A PUBLISH with one subscriber and an RPUSH for each message, so many of them at a time. */
  private void plain(String name, int pipelined) throws IOException, InterruptedException {
    try (Subscribers one = Subscribers.subscribe(redis.port(), 1, CHANNEL);
        Jedis client = new Jedis("127.0.0.1", redis.port())) {
      byte[] body = Publishing.draft().body().toUtf8();
      byte[] channel = CHANNEL.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
      byte[] list = {'l'};
      Usage before = usage();
      long sent = 0;
      long end = System.nanoTime() + scale.time().toNanos();
      while (System.nanoTime() < end) {
        Pipeline pipeline = client.pipelined();
        for (int i = 0; i < pipelined; i++) {
          pipeline.rpush(list, body);
          pipeline.publish(channel, body);
        }
        pipeline.sync();
        sent += pipelined;
        one.await(sent);
        if (sent % 10_000 == 0) {
          client.ltrim(list, 1, 0);
        }
      }
      figures.add(name, usage().since(before).micros() / sent);
    }
    jedis.flushAll();
  }

  private void messages(String name, Broker broker, Listener listener, int rooms, int perRoom)
      throws IOException, InterruptedException {
    try (Subscribers one = Subscribers.subscribe(redis.port(), 1, CHANNEL)) {
      Publishing publishing = Publishing.start(broker, rooms, perRoom);
      scale.pause(2);
      one.await(1);
      Usage before = usage();
      long messages = listener.drafts();
      long batches = listener.batches();
      long began = System.nanoTime();
      scale.pause(1);
      Usage used = usage().since(before);
      messages = listener.drafts() - messages;
      batches = listener.batches() - batches;
      double seconds = (System.nanoTime() - began) / 1e9;
      publishing.stop();
      figures.add(name + ".cpu-us", used.micros() / messages);
      figures.add(name + ".batch", (double) messages / batches);
      figures.add(name + ".per-second", messages / seconds);
      figures.add(name + ".in-bytes", (double) used.in() / messages);
    }
  }

  /** The same rounds with one subscriber and with many: what one more costs. */
  private void subscribers(Broker broker) throws IOException, InterruptedException {
    int many = scale.subscribers();
    for (int size : new int[] {1, 64}) {
      Usage one = rounds(broker, 1, size);
      Usage all = rounds(broker, many, size);
      double messages = (double) scale.rounds() * size;
      String name = "redis.subscriber." + (size == 1 ? "alone" : "batched");
      figures.add(name + ".cpu-us", (all.micros() - one.micros()) / messages / (many - 1));
      figures.add(name + ".out-bytes", (all.out() - one.out()) / messages / (many - 1));
    }
  }

  private Usage rounds(Broker broker, int subscribers, int size)
      throws IOException, InterruptedException {
    try (Subscribers all = Subscribers.subscribe(redis.port(), subscribers, CHANNEL)) {
      TimeUnit.MILLISECONDS.sleep(200);
      long sent = 0;
      Usage before = usage();
      for (int round = 0; round < scale.rounds(); round++) {
        for (int i = 0; i < size; i++) {
          broker.publish("room-0", Publishing.draft());
        }
        sent += (long) size * subscribers;
        all.await(sent);
      }
      return usage().since(before);
    }
  }

  /** What rooms, messages, sessions and memberships take, and what comings and goings cost. */
  private void memory() throws InterruptedException {
    try (RedisBackend backend = Nodes.connect(redis.toString());
        ChatNode chat = ChatNode.builder(backend).limits(Nodes.LIMITS).start()) {
      Nodes.await("ready", chat::ready);
      int rooms = scale.rooms();
      long empty = used();
      for (int i = 0; i < rooms; i++) {
        chat.room("memory-" + i).publish("m", Json.of("text", "x".repeat(128)));
      }
      Nodes.await("published", () -> chat.stats().published() >= rooms);
      long one = used();
      figures.add("redis.room.bytes", (double) (one - empty) / rooms);
      for (int i = 0; i < 990; i++) {
        chat.room("memory-0").publish("m", Json.of("text", "x".repeat(128)));
      }
      Nodes.await("published", () -> chat.stats().published() >= rooms + 990);
      long more = used();
      figures.add("redis.message.bytes", (more - one) / 990.0);
      List<Member> members = new ArrayList<>();
      Usage before = usage();
      Duration own = Usage.cpu(ProcessHandle.current().pid());
      for (int i = 0; i < scale.sessions(); i++) {
        members.add(new Member(chat, "member" + i).join("memory-" + i % (scale.sessions() / 10)));
      }
      for (Member member : members) {
        member.awaitJoined();
      }
      long joined = used();
      Usage coming = usage().since(before);
      own = Usage.cpu(ProcessHandle.current().pid()).minus(own);
      figures.add("redis.session.bytes", (double) (joined - more) / scale.sessions());
      figures.add("redis.coming.cpu-us", coming.micros() / scale.sessions());
      figures.add("node.coming.cpu-us", Usage.micros(own) / scale.sessions());
      before = usage();
      members.forEach(Member::close);
      Nodes.await("closed", () -> chat.stats().connections() == 0 && sessions() == 0);
      figures.add("redis.going.cpu-us", usage().since(before).micros() / scale.sessions());
    }
  }

  private long sessions() {
    return jedis.keys("bench:costs:session:*").size();
  }

  private long used() {
    return Usage.number(jedis.info("memory"), "used_memory");
  }

  private void idleNodes() throws InterruptedException {
    List<RedisBackend> backends = new ArrayList<>();
    List<ChatNode> nodes = new ArrayList<>();
    for (int i = 0; i < scale.nodes(); i++) {
      RedisBackend backend = Nodes.connect(redis.toString());
      backends.add(backend);
      nodes.add(ChatNode.builder(backend).limits(Nodes.LIMITS).start());
    }
    for (ChatNode node : nodes) {
      Nodes.await("ready", node::ready);
    }
    scale.pause(1);
    Usage before = usage();
    long began = System.nanoTime();
    scale.pause(2);
    Usage used = usage().since(before);
    double nodeSeconds = (System.nanoTime() - began) / 1e9 * scale.nodes();
    figures.add("redis.node.cpu-us-per-second", used.micros() / nodeSeconds);
    figures.add("redis.node.commands-per-second", used.commands() / nodeSeconds);
    figures.add("redis.node.bytes-per-second", (used.in() + used.out()) / nodeSeconds);
    nodes.forEach(ChatNode::close);
    backends.forEach(RedisBackend::close);
  }
}
