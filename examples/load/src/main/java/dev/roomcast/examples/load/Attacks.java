package dev.roomcast.examples.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Every attack that the hostile suite knows. Stateless. */
final class Attacks {

  private static final int BIG = 30 << 10;
  private static final byte[] NO_MASK = {0, 0, 0, 0};

  private Attacks() {}

  /**
   * All of them.
   *
   * @param rooms where the honest are
   */
  static List<Attack> all(List<String> rooms) {
    List<Attack> all = new ArrayList<>();
    all.add(Attack.http("slowloris-headers", 300, "GET /chat?name=eve HTTP/1.1\r\nX: ", "a"));
    all.add(
        Attack.http("half-handshakes", 300, "GET /chat HTTP/1.1\r\nUpgrade: websocket\r\n", ""));
    all.add(Attack.http("idle-connections", 400, "", ""));
    all.add(
        Attack.http(
            "slow-body",
            200,
            "POST /api/rooms/r/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n{",
            " "));
    all.add(
        Attack.http(
            "huge-headers", 50, "GET / HTTP/1.1\r\nX: " + "a".repeat(1 << 20) + "\r\n\r\n", ""));
    all.add(Attack.of("never-reads", 20, attacker -> neverReads(attacker, rooms)));
    all.add(flood("command-flood", 20, text("{\"type\":\"ping\"}"), 2_000));
    all.add(flood("byte-flood", 20, text(message(BIG)), 8));
    all.add(flood("garbage-flood", 20, text("x".repeat(1_000)), 50));
    all.add(flood("fragment-flood", 20, new byte[] {0, (byte) 0x81, 0, 0, 0, 0, 'a'}, 5_000));
    all.add(flood("empty-fragments", 20, new byte[] {0, (byte) 0x80, 0, 0, 0, 0}, 5_000));
    all.add(flood("ping-flood", 20, new byte[] {(byte) 0x89, (byte) 0x80, 0, 0, 0, 0}, 5_000));
    all.add(once("oversized-frame", frame(0x81, 1L << 40)));
    all.add(once("unmasked-frame", new byte[] {(byte) 0x81, 2, '{', '}'}));
    all.add(once("reserved-bits", new byte[] {(byte) 0xf1, (byte) 0x80, 0, 0, 0, 0}));
    all.add(
        once(
            "invalid-utf8",
            new byte[] {(byte) 0x81, (byte) 0x82, 0, 0, 0, 0, (byte) 0xff, (byte) 0xfe}));
    all.add(flood("deep-json", 10, text("{\"a\":".repeat(6_000)), 8));
    all.add(flood("many-fields", 10, text("{" + join(3_000, i -> "\"f" + i + "\":1") + "}"), 8));
    all.add(flood("same-hashes", 10, text("{" + sameHashes(2_000) + "}"), 8));
    all.add(flood("ten-thousand-rooms", 5, rooms(10_000), 1));
    all.add(flood("huge-names", 10, text(join("x".repeat(20_000))), 8));
    all.add(flood("history-members-rooms", 20, commands("history", "members", "rooms"), 100));
    all.add(flood("rooms-not-joined", 20, text(message(10)), 500));
    all.add(flood("same-keys", 20, commands("join", "message"), 500));
    all.add(storm("reconnect-storm", 1, "?name=eve", Attacker::cut));
    all.add(storm("reconnect-storm-of-many", 50, "?name=eve", Attacker::cut));
    all.add(storm("handshake-storm", 50, "", attacker -> {}));
    all.add(
        Attack.storm(
            "resume-guessing",
            50,
            1,
            random ->
                Attack.upgrade(
                    "?name=eve&resume=s"
                        + Long.toHexString(random.getAsLong())
                        + "."
                        + Long.toHexString(random.getAsLong())),
            Attacker::cut));
    return all;
  }

  private static Attack storm(String name, int addresses, String query, Attack.Upgraded then) {
    return Attack.storm(name, 50, addresses, random -> Attack.upgrade(query), then);
  }

  /**
   * Sends the same bytes as fast as they are taken, after the beginning of a fragment if needed.
   */
  private static Attack flood(String name, int connections, byte[] bytes, int times) {
    ByteBuffer all = ByteBuffer.allocate(bytes.length * times);
    for (int i = 0; i < times; i++) {
      all.put(bytes);
    }
    all.flip();
    boolean fragment = bytes[0] == 0;
    return Attack.of(
        name,
        connections,
        attacker -> {
          if (fragment) {
            attacker.send(ByteBuffer.wrap(new byte[] {1, (byte) 0x80, 0, 0, 0, 0}));
          }
          attacker.flood(all.duplicate());
        });
  }

  private static Attack once(String name, byte[] bytes) {
    return Attack.storm(
        name,
        10,
        1,
        random -> Attack.upgrade("?name=eve"),
        attacker -> attacker.send(ByteBuffer.wrap(bytes)));
  }

  /** A member of the honest rooms that asks for much and reads nothing. */
  private static void neverReads(Attacker attacker, List<String> rooms)
      throws java.io.IOException {
    attacker.deaf();
    for (String room : rooms) {
      attacker.say("{\"type\":\"join\",\"room\":\"" + room + "\",\"history\":500}");
    }
    byte[] more = text("{\"type\":\"history\",\"limit\":500,\"room\":\"" + rooms.get(0) + "\"}");
    attacker.flood(ByteBuffer.wrap(more));
  }

  private static byte[] text(String text) {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    byte[] head = frame(0x81, body.length);
    return ByteBuffer.allocate(head.length + body.length).put(head).put(body).array();
  }

  /** The head of a masked frame whose mask changes nothing. */
  private static byte[] frame(int first, long length) {
    ByteBuffer head = ByteBuffer.allocate(14).put((byte) first);
    if (length < 126) {
      head.put((byte) (0x80 | length));
    } else if (length < 1 << 16) {
      head.put((byte) 0xfe).putShort((short) length);
    } else {
      head.put((byte) 0xff).putLong(length);
    }
    head.put(NO_MASK).flip();
    byte[] bytes = new byte[head.remaining()];
    head.get(bytes);
    return bytes;
  }

  private static String message(int size) {
    return "{\"type\":\"message\",\"room\":\"theirs\",\"text\":\"" + "x".repeat(size) + "\"}";
  }

  private static String join(String room) {
    return "{\"type\":\"join\",\"room\":\"" + room + "\"}";
  }

  private static byte[] rooms(int count) {
    ByteBuffer all = ByteBuffer.allocate(count * 60);
    for (int i = 0; i < count; i++) {
      all.put(text(join("eves-room-" + i)));
    }
    byte[] bytes = new byte[all.flip().remaining()];
    all.get(bytes);
    return bytes;
  }

  private static byte[] commands(String... types) {
    ByteBuffer all = ByteBuffer.allocate(types.length * 120);
    for (String type : types) {
      all.put(
          text(
              "{\"type\":\""
                  + type
                  + "\",\"room\":\"eves\",\"text\":\"x\",\"key\":\"same\",\"limit\":500}"));
    }
    byte[] bytes = new byte[all.flip().remaining()];
    all.get(bytes);
    return bytes;
  }

  private static String join(int count, IntFunction<String> part) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      parts.add(part.apply(i));
    }
    return String.join(",", parts);
  }

  /** So many fields, at most 2,048, whose names Java's hash does not tell apart. */
  static String sameHashes(int count) {
    return join(count, Attacks::colliding);
  }

  /** A field whose name has the same hash in Java as all the others. */
  private static String colliding(int number) {
    StringBuilder name = new StringBuilder("\"");
    for (int bit = 0; bit < 11; bit++) {
      name.append((number >> bit & 1) == 0 ? "Aa" : "BB");
    }
    return name.append("\":1").toString();
  }
}
