package dev.roomcast.examples.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line as its user sees it. */
class DemoTest {

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... args) {
    PrintStream nowhere =
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    return Demo.run(nowhere, new PrintStream(err, true, StandardCharsets.UTF_8), args);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--port=x",
        "--port=70000",
        "--dance",
        "--host",
        "--workers=0",
        "--redis=http://x",
        "--namespace=x"
      })
  void badOptionsGiveOneLineAndTwo(String option) {
    assertEquals(2, run(option));
    assertEquals(1, err.toString(StandardCharsets.UTF_8).lines().count());
  }

  @Test
  void aPortInUseIsToldAndGivesOne() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertEquals(1, run("--port", Integer.toString(taken.getLocalPort())));
      assertTrue(err.toString(StandardCharsets.UTF_8).contains("cannot listen on 127.0.0.1"));
    }
  }
}
