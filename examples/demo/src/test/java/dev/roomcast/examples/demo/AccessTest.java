package dev.roomcast.examples.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.roomcast.chat.Authenticator;
import dev.roomcast.chat.ConnectRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may connect, as the settings say. */
class AccessTest {

  @TempDir Path folder;

  private static Settings settings(Map<String, String> line) {
    return Settings.read(line, Map.of());
  }

  private Path pem(KeyPair pair) throws Exception {
    return Files.writeString(
        folder.resolve("key.pem"),
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(pair.getPublic().getEncoded())
            + "\n-----END PUBLIC KEY-----\n");
  }

  private static String encode(String text) {
    return encode(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  @Test
  void aTokenSignedForTheKeyFileLetsIn() throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    String end = Long.toString(Instant.now().plusSeconds(3_600).getEpochSecond());
    String signed =
        encode("{\"alg\":\"EdDSA\"}") + "." + encode("{\"sub\":\"u42\",\"exp\":" + end + "}");
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(pair.getPrivate());
    signature.update(signed.getBytes(StandardCharsets.US_ASCII));
    Authenticator tokens =
        Objects.requireNonNull(
            Access.authenticator(settings(Map.of("jwt-key-file", pem(pair).toString()))));
    ConnectRequest request =
        ConnectRequest.of(Map.of(), signed + "." + encode(signature.sign()), null, "127.0.0.1");
    assertEquals("u42", tokens.authenticate(request).id());
  }

  @Test
  void oneWayToCheckTokensIsEnough() throws Exception {
    String file = pem(KeyPairGenerator.getInstance("RSA").generateKeyPair()).toString();
    String message =
        String.valueOf(
            assertThrows(
                    BadSettingException.class,
                    () ->
                        Access.authenticator(
                            settings(Map.of("jwt-key-file", file, "jwks", "https://id.example/"))))
                .getMessage());
    assertEquals("--jwks: not together with --jwt-key-file", message);
    assertNull(Access.authenticator(settings(Map.of())));
    assertThrows(
        BadSettingException.class,
        () -> Access.authenticator(settings(Map.of("jwt-secret-file", file))));
    assertThrows(
        BadSettingException.class,
        () -> Access.authenticator(settings(Map.of("jwt-key-file", "/dev/null"))));
    assertThrows(
        BadSettingException.class,
        () -> Access.authenticator(settings(Map.of("jwt-audience", "chat"))));
  }
}
