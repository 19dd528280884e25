package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import java.io.IOException;
import org.glassfish.grizzly.http.Method;
import org.glassfish.grizzly.http.server.HttpHandler;
import org.glassfish.grizzly.http.server.Request;
import org.glassfish.grizzly.http.server.Response;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers plain HTTP: sends each request to what is at its path.
 *
 * <p>Immutable.
 */
final class HttpApi extends HttpHandler {

  private static final Logger log = LoggerFactory.getLogger(HttpApi.class);

  private final HttpGuard guard;
  private final HttpReads reads;
  private final HttpWrites writes;
  private final @Nullable HttpMetrics metrics;
  private final HttpFiles files;

  HttpApi(
      HttpGuard guard,
      HttpReads reads,
      HttpWrites writes,
      @Nullable HttpMetrics metrics,
      HttpFiles files) {
    this.guard = guard;
    this.reads = reads;
    this.writes = writes;
    this.metrics = metrics;
    this.files = files;
  }

  @Override
  public void service(Request request, Response response) {
    try {
      serve(request, response);
    } catch (IOException e) {
      log.debug("an answer could not be written, the reader is gone", e);
    }
  }

  private void serve(Request request, Response response) throws IOException {
    String path = request.getRequest().getRequestURI();
    if (guard.serve(path, request, response) || writes.serve(path, request, response)) {
      return;
    }
    if (request.getMethod() != Method.GET && request.getMethod() != Method.HEAD) {
      response.setHeader("Allow", "GET, HEAD");
      HttpAnswer.refuse(
          response, 405, new ChatException(ErrorCode.BAD_REQUEST, "only GET and HEAD here"));
    } else if (HttpReads.takes(path) && !HttpFiles.isOwn(path)) {
      if (reads.export(path, request, response)) {
        return;
      }
      if (path.equals(HttpReads.STATS)) {
        // Who asks again reaches another node, where several share the port.
        response.setHeader("Connection", "close");
      }
      HttpAnswer.later(response).give(reads.answer(path, request));
    } else if (metrics != null && path.equals(HttpMetrics.PATH)) {
      HttpAnswer.write(response, 200, HttpMetrics.MEDIA_TYPE, metrics.page());
    } else {
      files.serve(path, response);
    }
  }
}
