package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.Json;
import dev.roomcast.chat.TraceContext;
import dev.roomcast.chat.WriteApi;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import org.glassfish.grizzly.http.Method;
import org.glassfish.grizzly.http.server.Request;
import org.glassfish.grizzly.http.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP API that writes, for applications with a key; without any key it is not there.
 *
 * <p>Immutable.
 */
final class HttpWrites {

  private static final Pattern JSON =
      Pattern.compile("application/json *(; *charset *= *\"?utf-8\"?)?");

  private final ChatNode chat;
  private final @Nullable ApiKeys keys;

  HttpWrites(ChatNode chat, @Nullable ApiKeys keys) {
    this.chat = chat;
    this.keys = keys;
  }

  /**
   * What is done at a path, and to which room or user; that is still percent-encoded, and empty for
   * the list of rooms.
   */
  private record Endpoint(String action, String encoded) {
    static @Nullable Endpoint of(String path, Method method) {
      String[] parts = path.split("/", -1);
      if (parts.length < 3 || parts.length > 5 || !parts[1].equals("api")) {
        return null;
      } else if (parts.length < 5) {
        boolean rooms = parts[2].equals("rooms");
        boolean create = rooms && parts.length == 3 && method == Method.POST;
        boolean destroy = rooms && parts.length == 4 && method == Method.DELETE;
        return create || destroy ? new Endpoint("rooms", create ? "" : parts[3]) : null;
      }
      String action = parts[2] + "/" + parts[4];
      return switch (action) {
        case "rooms/messages",
            "rooms/events",
            "rooms/kick",
            "rooms/mute",
            "rooms/unmute",
            "rooms/ban",
            "rooms/unban",
            "users/mute",
            "users/unmute",
            "users/ban",
            "users/unban",
            "users/direct",
            "users/disconnect" ->
            new Endpoint(action, parts[3]);
        default -> null;
      };
    }

    /** What is to be done, without to whom. */
    String verb() {
      return action.substring(action.indexOf('/') + 1);
    }

    boolean isDestroy() {
      return action.equals("rooms") && !encoded.isEmpty();
    }

    /** Whether the body has to be JSON; what is done to users in the service may have none. */
    boolean needsJson(@Nullable String contentType) {
      return switch (action) {
        case "users/disconnect" -> false;
        case "rooms" -> !isDestroy();
        default -> action.startsWith("rooms/") || contentType != null;
      };
    }
  }

  /** Answers the request if it is one for this API; false when it is for somebody else. */
  boolean serve(String path, Request request, Response response) throws IOException {
    Endpoint endpoint = Endpoint.of(path, request.getMethod());
    if (endpoint == null) {
      return false;
    }
    if (keys == null) {
      HttpAnswer.refuse(response, 404, HttpAnswer.notFound());
    } else if (request.getMethod() != Method.POST && !endpoint.isDestroy()) {
      response.setHeader("Allow", "POST");
      HttpAnswer.refuse(response, 405, new ChatException(ErrorCode.BAD_REQUEST, "only POST here"));
    } else if (!keys.allowsHeader(request.getHeader("Authorization"))) {
      response.setHeader("WWW-Authenticate", "Bearer");
      HttpAnswer.refuse(
          response,
          401,
          new ChatException(
              ErrorCode.UNAUTHORIZED, "Authorization: Bearer and an API key expected"));
    } else if (endpoint.needsJson(request.getContentType()) && !isJson(request.getContentType())) {
      response.setHeader("Accept", "application/json");
      HttpAnswer.refuse(
          response,
          415,
          new ChatException(ErrorCode.BAD_REQUEST, "Content-Type: application/json expected"));
    } else {
      answer(endpoint, request, response);
    }
    return true;
  }

  private static boolean isJson(@Nullable String contentType) {
    return contentType != null && JSON.matcher(contentType.toLowerCase(Locale.ROOT)).matches();
  }

  private void answer(Endpoint endpoint, Request request, Response response) {
    String key = request.getHeader("Idempotency-Key");
    WriteApi writes = chat.writes().traced(TraceContext.read(request.getHeader("traceparent")));
    HttpAnswer answer = HttpAnswer.later(response);
    CompletionStage<String> body =
        endpoint.isDestroy()
            ? CompletableFuture.completedFuture("")
            : HttpBody.read(request, chat.limits().frameBytes());
    CompletionStage<Json> done =
        body.whenComplete(
                (text, failure) -> {
                  if (failure != null) {
                    response.setHeader("Connection", "close");
                  }
                })
            .thenCompose(text -> write(writes, endpoint, text, key));
    answer.give(done);
  }

  private static CompletionStage<Json> write(
      WriteApi writes, Endpoint endpoint, String body, @Nullable String key) {
    try {
      String name = HttpRequests.decode("the path", endpoint.encoded());
      return switch (endpoint.action()) {
        case "rooms/messages" -> writes.message(name, body, key);
        case "users/direct" -> writes.direct(name, body, key);
        case "rooms/events" -> writes.event(name, body, key);
        case "users/disconnect" -> writes.disconnect(name);
        case "rooms" -> endpoint.isDestroy() ? writes.destroy(name) : writes.create(body);
        default ->
            endpoint.action().startsWith("rooms/")
                ? writes.moderate(name, endpoint.verb(), body)
                : writes.moderateUser(name, endpoint.verb(), body);
      };
    } catch (ChatException e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
