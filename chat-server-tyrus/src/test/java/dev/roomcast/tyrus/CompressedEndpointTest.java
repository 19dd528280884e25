package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The endpoint in the embedded server, for clients that compress. */
class CompressedEndpointTest extends EmbeddedContract {

  private static final String OFFER = "permessage-deflate; client_max_window_bits";

  @Override
  ChatServer.Builder with(ChatServer.Builder builder) {
    return builder.compression(true);
  }

  @Override
  String compression() {
    return "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
  }

  @Override
  RawClient raw(String pathAndQuery, String... headers) throws IOException {
    if (Stream.of(headers).anyMatch("Sec-WebSocket-Extensions"::equals)) {
      return super.raw(pathAndQuery, headers);
    }
    return super.raw(
        pathAndQuery,
        Stream.concat(Stream.of(headers), Stream.of("Sec-WebSocket-Extensions", OFFER))
            .toArray(String[]::new));
  }

  @Test
  void thoseWhoCompressAndThoseWhoDoNotAreInOneRoom() throws IOException {
    WebSocketClient plain = connect("/chat/general?name=Ann");
    plain.await("\"type\":\"joined\"");
    RawClient one = raw("/chat/general?name=Bob");
    one.await("\"type\":\"joined\"");
    RawClient two = raw("/chat/general?name=Cid");
    two.await("\"type\":\"joined\"");
    String text = "much of the same, ".repeat(100);
    int before = one.compressed;
    one.send("{'type':'message','id':1,'room':'general','text':'" + text + "'}");
    plain.await("\"type\":\"message\"", text);
    one.await("\"type\":\"message\"", text);
    two.await("\"type\":\"message\"", text);
    assertTrue(one.compressed > before);
    assertTrue(two.compressed > 0);
  }

  @Test
  void anOfferThatCannotBeKeptIsDeclined() throws IOException {
    RawClient ann =
        raw(
            "/chat?name=Ann",
            "Sec-WebSocket-Extensions",
            "permessage-deflate; server_max_window_bits=9");
    assertEquals("", ann.header("Sec-WebSocket-Extensions"));
    ann.await("\"type\":\"welcome\"");
    assertEquals(0, ann.compressed);
  }
}
