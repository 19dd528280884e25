package dev.roomcast.tyrus;

import org.glassfish.grizzly.http.HttpRequestPacket;
import org.jspecify.annotations.Nullable;

/** A request to the embedded server. As thread-safe as the request itself. */
record GrizzlyRequest(HttpRequestPacket request, @Nullable String room) implements RequestView {

  /** An upgrade request: what follows the first segment of the path is the room. */
  static GrizzlyRequest upgrade(HttpRequestPacket request) {
    String path = request.getRequestURI();
    int room = path.indexOf('/', 1);
    return new GrizzlyRequest(
        request, room < 0 || room == path.length() - 1 ? null : path.substring(room + 1));
  }

  @Override
  public @Nullable String header(String name) {
    return request.getHeader(name);
  }

  @Override
  public @Nullable String query() {
    return request.getQueryString();
  }

  @Override
  public String remoteAddress() {
    return request.getRemoteAddress();
  }
}
