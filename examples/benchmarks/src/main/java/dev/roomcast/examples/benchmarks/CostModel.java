package dev.roomcast.examples.benchmarks;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * What the parts cost, as measured, in µs of one core and in bytes. Immutable.
 *
 * @param script a batch in the store, however many messages it has
 * @param message a message of a batch
 * @param subscriber a message for each node that is subscribed to its room
 * @param subscriberBytes the same in bytes that the store sends
 * @param coming a session that comes, joins a room and goes, in the store
 * @param idleNode a node in a second, in the store
 * @param roomBytes a room in the store
 * @param messageBytes a retained message in the store
 * @param sessionBytes a session that is in one room, in the store
 * @param publication a message that a client of a node sends, on this node
 * @param announcement a message that a node hears of, on this node
 * @param delivery a message to one member with a socket, on its node
 * @param deliveryBytes the same in bytes that the node sends
 * @param nodeComing a session that comes and joins a room, on its node
 * @param connectionBytes a connection in a room, on its node
 */
record CostModel(
    double script,
    double message,
    double subscriber,
    double subscriberBytes,
    double coming,
    double idleNode,
    double roomBytes,
    double messageBytes,
    double sessionBytes,
    double publication,
    double announcement,
    double delivery,
    double deliveryBytes,
    double nodeComing,
    double connectionBytes) {

  static CostModel read(Path file) throws IOException {
    Properties figures = new Properties();
    try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      figures.load(in);
    }
    return of(figures);
  }

  /**
   * What one message more in a script costs is the difference between large scripts and small ones,
   * which were measured with one subscriber.
   */
  static CostModel of(Properties figures) {
    double one = number(figures, "redis.message.rooms.cpu-us");
    double many = number(figures, "redis.message.batched.cpu-us");
    double batch = number(figures, "redis.message.batched.batch");
    double subscriber = number(figures, "redis.subscriber.alone.cpu-us");
    double script = (one - many) / (1 - 1 / batch);
    return new CostModel(
        script - subscriber,
        one - script,
        subscriber,
        number(figures, "redis.subscriber.alone.out-bytes"),
        number(figures, "redis.coming.cpu-us") + number(figures, "redis.going.cpu-us"),
        number(figures, "redis.node.cpu-us-per-second"),
        number(figures, "redis.room.bytes"),
        number(figures, "redis.message.bytes"),
        number(figures, "redis.session.bytes"),
        number(figures, "node.publication.cpu-us"),
        number(figures, "node.announcement.cpu-us"),
        number(figures, "node.sockets.many.delivery.cpu-us"),
        number(figures, "node.sockets.many.delivery.bytes"),
        number(figures, "node.coming.cpu-us"),
        number(figures, "node.sockets.many.heap-bytes"));
  }

  private static double number(Properties figures, String name) {
    String value = figures.getProperty(name);
    if (value == null) {
      throw new IllegalArgumentException(name + " was not measured");
    }
    return Double.parseDouble(value);
  }
}
