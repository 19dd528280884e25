package dev.roomcast.examples.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line as its user sees it. */
class DemoTest {

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... args) {
    PrintStream nowhere =
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    return Demo.run(nowhere, new PrintStream(err, true, StandardCharsets.UTF_8), Map.of(), args);
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
        "--redis=",
        "--namespace=x",
        "--allow-origin=shop.example",
        "--allow-origin=https://shop.example/path",
        "--allow-host=https://shop.example",
        "--trusted-proxy=proxy.example",
        "--trusted-proxy=10.0.0.0/33",
        "--log=xml",
        "--metrics=maybe",
        "--host=no.such.host.invalid",
        "--jwt-secret-file=/nowhere",
        "--jwt-secret-file=/dev/null",
        "--api-key-file=/nowhere",
        "--api-key-file=/dev/null",
        "--jwks=http://id.example/keys",
        "--jwks=:",
        "--jwt-issuer=alone",
        "--jwt-audience=alone",
        "--data=\0",
        "--tls-cert=/nowhere",
        "--tls-key=/nowhere",
        "--compression=zip",
        "--config=/nowhere.properties",
        "--config=",
        "--port=1\n2",
        "more"
      })
  void badOptionsGiveOneLineAndTwo(String option) {
    assertEquals(2, run(option));
    assertEquals(1, err.toString(StandardCharsets.UTF_8).lines().count());
    assertTrue(err.toString(StandardCharsets.UTF_8).startsWith("roomcast: "));
  }

  @Test
  void aSecretInABadOptionIsNotTold() {
    assertEquals(2, run("--redis=http://:sesame@host"));
    assertFalse(err.toString(StandardCharsets.UTF_8).contains("sesame"));
  }

  @Test
  void aShortSecretIsRefusedWithAClearLine(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("secret"), "sesame");
    assertEquals(2, run("--jwt-secret-file", file.toString()));
    String line = err.toString(StandardCharsets.UTF_8);
    assertTrue(line.contains("--jwt-secret-file: a secret of at least 32 bytes expected"), line);
    assertFalse(line.contains("sesame"));
  }

  @Test
  void aBadCertificateOrKeyIsToldWithItsOptionAndItsFile() {
    String files = "../../chat-server-tyrus/src/test/resources/dev/roomcast/tyrus/tls/";
    assertEquals(2, run("--tls-cert", files + "expired.pem", "--tls-key", files + "one.key"));
    assertEquals(2, run("--tls-cert", files + "one.pem", "--tls-key", files + "other.key"));
    assertEquals(2, run("--tls-cert", files + "one.pem", "--tls-key", files + "none.key"));
    List<String> lines = err.toString(StandardCharsets.UTF_8).lines().toList();
    assertTrue(lines.get(0).matches(".*--tls-cert: .*expired.pem: .* expired at .*"), lines.get(0));
    assertTrue(lines.get(1).matches(".*--tls-key: .*other.key: the key of .*"), lines.get(1));
    assertTrue(lines.get(2).matches(".*--tls-key: a file that can be read.*"), lines.get(2));
  }

  @Test
  void theHelpHasEveryOptionWithItsDefault() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
    assertEquals(0, Demo.run(print, print, Map.of(), "--help"));
    String help = out.toString(StandardCharsets.UTF_8).replaceAll("\\s+", "");
    for (Setting setting : Setting.values()) {
      assertTrue(help.contains(setting.option() + "=" + setting.label()), setting.option());
      assertTrue(help.contains(setting.description().replace(" ", "")), setting.description());
    }
    LimitSettings.names().forEach(name -> assertTrue(help.contains(name), name));
  }

  @Test
  void aPortInUseIsToldAndGivesOne() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertEquals(1, run("--port", Integer.toString(taken.getLocalPort()), "--rehearse", "0"));
      assertTrue(err.toString(StandardCharsets.UTF_8).contains("cannot listen on 127.0.0.1"));
    }
  }
}
