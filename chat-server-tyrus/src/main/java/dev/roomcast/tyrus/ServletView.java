package dev.roomcast.tyrus;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request to a servlet container. As thread-safe as the request itself. */
record ServletView(HttpServletRequest request, @Nullable String room) implements RequestView {

  @Override
  public @Nullable String header(String name) {
    List<String> values = Collections.list(request.getHeaders(name));
    return values.isEmpty() ? null : String.join(", ", values);
  }

  @Override
  public @Nullable String query() {
    return request.getQueryString();
  }

  @Override
  public String remoteAddress() {
    return request.getRemoteAddr();
  }
}
