package dev.roomcast.tyrus;

import jakarta.websocket.server.HandshakeRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An upgrade request as the WebSocket API shows it, which knows no address of the client. As
 * thread-safe as the request itself.
 */
record HandshakeView(HandshakeRequest request, @Nullable String room) implements RequestView {

  @Override
  public @Nullable String header(String name) {
    List<String> values = request.getHeaders().get(name);
    return values == null ? null : String.join(", ", values);
  }

  @Override
  public @Nullable String query() {
    return request.getQueryString();
  }

  @Override
  public String remoteAddress() {
    return "unknown";
  }
}
