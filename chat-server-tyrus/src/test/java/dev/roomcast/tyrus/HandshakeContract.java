package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who is let in by the endpoint, and how the others are told. */
abstract class HandshakeContract extends EndpointFixture {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "401|/chat|-|-",
        "401|/chat?name=Ann|Authorization|Bearer bad",
        "401|/chat?token=bad|-|-",
        "401|/chat?name=Ann|Sec-WebSocket-Protocol|roomcast.v1.json, bearer.bad",
        "403|/chat?name=Ann|Authorization|Bearer shut-out",
        "403|/chat/secret?name=Ann|-|-",
        "403|/chat?name=Ann|Origin|https://evil.example",
        "403|/chat?name=Ann|Origin|null",
        "400|/chat?name=%zz|-|-",
        "400|/chat/%C2%85?name=Ann|-|-",
        "429|/chat?token=too-many|-|-",
      })
  void whoMayNotConnectIsRefused(int status, String path, String header, String value)
      throws IOException {
    RawClient client = header == null ? raw(path) : raw(path, header, value);
    assertRefused(client, status);
    if (refusesWithStatus()) {
      assertEquals(status == 401 ? "Bearer" : "", client.header("WWW-Authenticate"));
      assertEquals(status == 429 ? "7" : "", client.header("Retry-After"));
    }
  }

  void assertRefused(RawClient client, int status) throws IOException {
    if (refusesWithStatus()) {
      assertEquals(status, client.status);
      assertEquals("application/problem+json", client.header("Content-Type"));
      assertTrue(client.body().contains("\"status\":" + status));
    } else {
      assertTrue(client.status != 101, "was upgraded");
    }
    assertEquals(List.of(), List.copyOf(sessions.keySet()));
    assertEquals(0, chat.stats().connections());
  }

  @Test
  void aRoomNameThatIsTooLongIsRefused() throws IOException {
    assertRefused(raw("/chat/" + "r".repeat(129) + "?name=Ann"), 400);
  }

  @Test
  void otherPathsAreNoSockets() throws IOException {
    assertTrue(raw("/other?name=Ann").status != 101);
    assertTrue(raw("/chat/a/b?name=Ann").status != 101);
    assertEquals(0, chat.stats().connections());
  }

  @Test
  void pagesOfTheSameOriginMayConnect() {
    connect("/chat?name=Ann", "Origin", url).await("\"type\":\"welcome\"");
  }

  @ParameterizedTest
  @CsvSource({"/chat,Authorization,Bearer Ann", "/chat?token=Ann,X-None,none"})
  void credentialsAreTakenFromHeaderAndQuery(String path, String header, String value) {
    connect(path, header, value).await("\"type\":\"welcome\"", "\"id\":\"Ann\"");
    if (knowsAddresses()) {
      assertEquals(List.of("127.0.0.1"), addresses);
    }
  }

  @Test
  void theSubprotocolIsEchoedAndACredentialNeverIs() throws IOException {
    RawClient both = raw("/chat", "Sec-WebSocket-Protocol", "bearer.Ann, roomcast.v1.json");
    assertEquals("roomcast.v1.json", both.header("Sec-WebSocket-Protocol"));
    both.await("\"type\":\"welcome\"", "\"id\":\"Ann\"");
    RawClient one = raw("/chat", "Sec-WebSocket-Protocol", "bearer.Bob");
    assertEquals("", one.header("Sec-WebSocket-Protocol"));
    one.await("\"type\":\"welcome\"", "\"id\":\"Bob\"");
    RawClient none = raw("/chat?name=Cid", "Sec-WebSocket-Extensions", "permessage-deflate");
    assertEquals("", none.header("Sec-WebSocket-Protocol"));
    assertEquals(compression(), none.header("Sec-WebSocket-Extensions"));
    none.await("\"type\":\"welcome\"", "\"id\":\"Cid\"");
  }
}
