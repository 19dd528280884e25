package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.Json;
import dev.roomcast.chat.User;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.glassfish.grizzly.http.Method;
import org.glassfish.grizzly.http.server.HttpHandler;
import org.glassfish.grizzly.http.server.Request;
import org.glassfish.grizzly.http.server.Response;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers plain HTTP: the reading API, health, the browser client, and the application's files.
 *
 * <p>Immutable.
 */
final class HttpApi extends HttpHandler {

  private static final Logger log = LoggerFactory.getLogger(HttpApi.class);
  private static final String CSP =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
          + "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; "
          + "frame-ancestors 'none'";
  private static final Map<String, String> MEDIA_TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml",
          "png", "image/png",
          "json", "application/json");

  private final ChatNode chat;
  private final HttpRequests requests;
  private final StaticFiles files;

  HttpApi(ChatNode chat, HttpRequests requests, StaticFiles files) {
    this.chat = chat;
    this.requests = requests;
    this.files = files;
  }

  @Override
  public void service(Request request, Response response) throws IOException {
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Referrer-Policy", "no-referrer");
    response.setHeader("Content-Security-Policy", CSP);
    response.setHeader("Cache-Control", "no-cache");
    String path = request.getRequest().getRequestURI();
    boolean reads = request.getMethod() == Method.GET || request.getMethod() == Method.HEAD;
    if (!reads) {
      response.setHeader("Allow", "GET, HEAD");
      fail(response, 405, new ChatException(ErrorCode.BAD_REQUEST, "only GET and HEAD here"));
      return;
    }
    if (path.startsWith("/api/") || path.startsWith("/health/")) {
      response.suspend();
      answer(path, request)
          .whenComplete(
              (json, failure) -> {
                try {
                  if (json != null) {
                    write(response, 200, "application/json", json.toUtf8());
                  } else {
                    ChatException problem = ChatException.of(failure);
                    if (problem.code() == ErrorCode.INTERNAL) {
                      log.error("a request failed; this is a fault", failure);
                    }
                    fail(response, problem.code().httpStatus(), problem);
                  }
                } catch (IOException e) {
                  log.debug("an answer could not be written, the reader is gone", e);
                } finally {
                  response.resume();
                }
              });
      return;
    }
    file(path, response);
  }

  private CompletionStage<Json> answer(String path, Request request) {
    try {
      return switch (path) {
        case "/health/live" -> CompletableFuture.completedFuture(Json.of("status", "live"));
        case "/health/ready" -> ready();
        case "/api/stats" -> CompletableFuture.completedFuture(chat.stats().toJson());
        default -> read(path, request);
      };
    } catch (ChatException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletionStage<Json> ready() {
    return chat.ready()
        ? CompletableFuture.completedFuture(Json.of("status", "ready"))
        : CompletableFuture.failedFuture(
            new ChatException(ErrorCode.UNAVAILABLE, "draining, or the broker does not answer"));
  }

  private CompletionStage<Json> read(String path, Request request) {
    String[] parts = path.split("/", -1);
    Map<String, String> query = HttpRequests.query(request.getQueryString());
    if (parts.length < 3 || !parts[2].equals("rooms") || parts.length > 5) {
      return CompletableFuture.failedFuture(notFound());
    }
    String room = parts.length > 3 ? HttpRequests.decode("room", parts[3]) : "";
    String part = parts.length > 4 ? parts[4] : "";
    CompletionStage<User> reader =
        chat.reads()
            .authenticate(requests.connectRequest(new GrizzlyRequest(request.getRequest(), null)));
    return reader.thenCompose(
        user ->
            parts.length == 3
                ? chat.reads().rooms(user, query)
                : switch (part) {
                  case "" -> chat.reads().room(user, room);
                  case "history" -> chat.reads().history(user, room, query);
                  case "members" -> chat.reads().members(user, room, query);
                  default -> CompletableFuture.failedFuture(notFound());
                });
  }

  private void file(String path, Response response) throws IOException {
    byte[] bytes = bytes(path.endsWith("/") ? path + "index.html" : path);
    if (bytes == null) {
      fail(response, 404, notFound());
      return;
    }
    String name = path.endsWith("/") ? "index.html" : path;
    String type = MEDIA_TYPES.get(name.substring(name.lastIndexOf('.') + 1));
    write(response, 200, type == null ? "application/octet-stream" : type, bytes);
  }

  private byte @Nullable [] bytes(String path) throws IOException {
    if (path.contains("..") || !path.matches("(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+")) {
      return null;
    }
    if (path.equals("/roomcast.js")) {
      try (InputStream in = HttpApi.class.getResourceAsStream("roomcast.js")) {
        return in == null ? null : in.readAllBytes();
      }
    }
    return files.read(path);
  }

  private static ChatException notFound() {
    return new ChatException(ErrorCode.NO_SUCH_ROOM, "there is nothing at this address");
  }

  private static void fail(Response response, int status, ChatException problem)
      throws IOException {
    Problems.headers(problem, response::setHeader);
    write(response, status, Problems.MEDIA_TYPE, Problems.json(problem));
  }

  private static void write(Response response, int status, String type, byte[] body)
      throws IOException {
    response.setStatus(status);
    response.setContentType(type);
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }
}
