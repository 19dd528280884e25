package dev.roomcast.examples.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real server on a folder of its own. */
class RedisProcessTest {

  @TempDir Path folder;

  private static String ask(RedisProcess redis, String command) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
      socket.setSoTimeout(500);
      socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      String first = String.valueOf(in.readLine());
      return first.startsWith("$") && !first.equals("$-1") ? in.readLine() : first;
    }
  }

  @Test
  void whatAnAppendOnlyFileHasIsThereAfterAKillOnTheSamePort() throws Exception {
    List<String> always = List.of("--appendonly", "yes", "--appendfsync", "always");
    try (RedisProcess redis = RedisProcess.start(folder, always)) {
      int port = redis.port();
      assertEquals("+OK", ask(redis, "SET a 1"));
      redis.kill();
      assertFalse(redis.isAlive());
      redis.start();
      assertEquals(port, redis.port());
      assertEquals("1", ask(redis, "GET a"));
    }
  }

  @Test
  void withoutPersistenceAKillLosesEverything() throws Exception {
    try (RedisProcess redis = RedisProcess.start(folder, List.of("--save", ""))) {
      ask(redis, "SET a 1");
      redis.kill();
      redis.start();
      assertEquals("$-1", ask(redis, "GET a"));
    }
  }

  @Test
  void aPausedServerTakesConnectionsAndAnswersWhenItGoesOn() throws Exception {
    try (RedisProcess redis = RedisProcess.start(folder, List.of("--save", ""))) {
      redis.pause();
      assertTrue(redis.isAlive());
      assertThrows(SocketTimeoutException.class, () -> ask(redis, "PING"));
      redis.resume();
      assertEquals("+PONG", ask(redis, "PING"));
    }
  }

  @Test
  void withAnEmptyPathTheBundledServerIsUnpackedIntoTheFolder() throws Exception {
    RedisProcess redis = RedisProcess.prepare(folder, "", List.of("--save", ""), "");
    try (redis) {
      redis.start();
      assertTrue(Files.isExecutable(folder.resolve("redis-server")));
      assertEquals("+PONG", ask(redis, "PING"));
    }
    assertFalse(redis.isAlive());
  }

  @Test
  void aServerThatAsksForAPasswordIsWaitedForWithIt() throws Exception {
    Path file = folder.resolve("a folder.conf");
    Files.writeString(file, "requirepass secret\nsave \"\"\n");
    try (RedisProcess redis = RedisProcess.prepare(folder, "secret", List.of(file.toString()))) {
      redis.start();
      assertTrue(ask(redis, "PING").startsWith("-NOAUTH"));
    }
  }

  @Test
  void aServerThatCannotStartIsToldWithItsLog() throws Exception {
    IOException problem =
        assertThrows(
            IOException.class, () -> RedisProcess.start(folder, List.of("--no-such-thing", "1")));
    assertTrue(problem.toString().contains("redis.log"), problem::toString);
  }

  @Test
  void endingWhatNeverRanIsFine() throws Exception {
    try (RedisProcess never = RedisProcess.prepare(folder, "", List.of())) {
      never.kill();
      assertFalse(never.isAlive());
    }
  }
}
