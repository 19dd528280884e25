package dev.roomcast.tyrus;

import java.util.Iterator;
import org.glassfish.grizzly.http.HttpRequestPacket;
import org.jspecify.annotations.Nullable;

/** A request to the embedded server. As thread-safe as the request itself. */
record GrizzlyRequest(HttpRequestPacket request, @Nullable String room) implements UpgradeRequest {

  /** An upgrade request: what follows the first segment of the path is the room. */
  static GrizzlyRequest upgrade(HttpRequestPacket request) {
    return new GrizzlyRequest(request, UpgradeRequests.room(request.getRequestURI()));
  }

  @Override
  public @Nullable String header(String name) {
    Iterator<String> values = values(name).iterator();
    if (!values.hasNext()) {
      return null;
    }
    String first = values.next();
    return values.hasNext() ? String.join(", ", values(name)) : first;
  }

  @Override
  public Iterable<String> values(String name) {
    return request.getHeaders().values(name);
  }

  @Override
  public String method() {
    return request.getMethod().getMethodString();
  }

  @Override
  public String path() {
    return request.getRequestURI();
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
