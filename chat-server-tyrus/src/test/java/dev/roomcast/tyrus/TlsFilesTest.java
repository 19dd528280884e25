package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which files a server takes for its certificate, what it says of others, and how it renews. */
class TlsFilesTest {

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"one.pem,one.key", "one.pem,one.sec1.key", "two.pem,two.pkcs1.key"})
  void keysAreTakenInEveryFormWithoutAPassword(String certificate, String key) throws IOException {
    assertNotNull(TlsFiles.read(TestTls.file(certificate), TestTls.file(key)).engine());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "expired.pem|one.key|expired.pem: the certificate expired at 2021-01-01",
        "future.pem|one.key|future.pem: the certificate is not valid before 2099-01-01",
        "one.key|one.key|one.key: certificates in PEM expected",
        "one.pem|one.pem|one.pem: a private key in PEM expected",
        "one.pem|encrypted.key|encrypted.key: the key is encrypted",
        "one.pem|other.key|other.key: the key of another certificate",
        "one.pem|two.pkcs1.key|two.pkcs1.key: no EC key, as the certificate has",
        "two.pem|one.key|one.key: no RSA key, as the certificate has"
      })
  void whatIsWrongWithAFileIsSaid(String certificate, String key, String problem) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> TlsFiles.read(TestTls.file(certificate), TestTls.file(key)));
    assertTrue(String.valueOf(e.getMessage()).contains(problem), e.getMessage());
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    NoSuchFileException e =
        assertThrows(
            NoSuchFileException.class,
            () -> TlsFiles.read(TestTls.file("none.pem"), TestTls.file("one.key")));
    assertTrue(String.valueOf(e.getMessage()).endsWith("none.pem"));
  }

  @Test
  void aNewCertificateCountsForNewConnectionsAndABadOneForNone() throws Exception {
    Path certificate = folder.resolve("chain.pem");
    Path key = folder.resolve("key.pem");
    put("one.pem", certificate);
    put("one.key", key);
    TlsFiles files = TlsFiles.read(certificate, key);
    try (Backend backend = Backend.inMemory();
        ChatNode chat = ChatNode.builder(backend).start();
        ChatServer server = ChatServer.builder(chat).port(0).tls(files).start()) {
      WebSocketClient ann = new WebSocketClient(server.url() + "/chat/general?name=Ann");
      ann.await("\"type\":\"joined\"");
      assertEquals("CN=roomcast test one", TestTls.nameShown("127.0.0.1", server.port()));

      put("two.pem", certificate); // its key is not there yet
      files.look();
      assertEquals("CN=roomcast test one", TestTls.nameShown("127.0.0.1", server.port()));
      put("two.pkcs1.key", key);
      files.look();
      assertEquals("CN=roomcast test two", TestTls.nameShown("127.0.0.1", server.port()));

      put("expired.pem", certificate);
      files.look();
      Files.delete(key);
      files.look();
      assertEquals("CN=roomcast test two", TestTls.nameShown("127.0.0.1", server.port()));

      ann.send("{'type':'message','id':1,'room':'general','text':'still here'}");
      ann.await("\"type\":\"ack\"");
      new WebSocketClient(server.url() + "/chat?name=Bob").await("\"type\":\"welcome\"");
    }
  }

  private static void put(String name, Path to) throws IOException {
    Files.copy(TestTls.file(name), to, StandardCopyOption.REPLACE_EXISTING);
  }
}
