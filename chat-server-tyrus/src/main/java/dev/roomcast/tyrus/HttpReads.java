package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.Json;
import dev.roomcast.chat.ReadApi;
import dev.roomcast.chat.RoomExport;
import dev.roomcast.chat.User;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.glassfish.grizzly.http.server.Request;
import org.glassfish.grizzly.http.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP API that reads, with the permissions of who asks, and health. An application with a key
 * sees all rooms and who is in them.
 *
 * <p>Immutable.
 */
final class HttpReads {

  private final ChatNode chat;
  static final String STATS = "/api/stats";
  private static final User APPLICATION = new User("application", "application");

  private final HttpRequests requests;
  private final @Nullable ApiKeys keys;

  HttpReads(ChatNode chat, HttpRequests requests, @Nullable ApiKeys keys) {
    this.chat = chat;
    this.requests = requests;
    this.keys = keys;
  }

  /** Whether the path is one for this API, or for nothing. */
  static boolean takes(String path) {
    return path.startsWith("/api/") || path.startsWith("/health/");
  }

  CompletionStage<Json> answer(String path, Request request) {
    try {
      return switch (path) {
        case "/health/live" -> CompletableFuture.completedFuture(Json.of("status", "live"));
        case "/health/ready" -> ready();
        case STATS -> CompletableFuture.completedFuture(chat.stats().toJson());
        default -> read(path, request);
      };
    } catch (ChatException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Answers with a room's log, if that is asked for. */
  boolean export(String path, Request request, Response response) {
    String[] parts = path.split("/", -1);
    if (parts.length != 5 || !path.startsWith("/api/rooms/") || !parts[4].equals("export")) {
      return false;
    }
    CompletionStage<RoomExport> export;
    try {
      String room = HttpRequests.decode("room", parts[3]);
      export = reader(request).thenCompose(user -> chat.reads().export(user, room));
    } catch (ChatException e) {
      export = CompletableFuture.failedFuture(e);
    }
    HttpExport.stream(response, export);
    return true;
  }

  private CompletionStage<User> reader(Request request) {
    return chat.reads()
        .authenticate(requests.connectRequest(new GrizzlyRequest(request.getRequest(), null)));
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
    if (!path.startsWith("/api/") || !parts[2].equals("rooms") || parts.length > 5) {
      return CompletableFuture.failedFuture(HttpAnswer.notFound());
    }
    String room = parts.length > 3 ? HttpRequests.decode("room", parts[3]) : "";
    String part = parts.length > 4 ? parts[4] : "";
    boolean application =
        !part.equals("history")
            && keys != null
            && keys.allowsHeader(request.getHeader("Authorization"));
    ReadApi reads = application ? chat.reads().ofApplication() : chat.reads();
    return (application ? CompletableFuture.completedFuture(APPLICATION) : reader(request))
        .thenCompose(
            user ->
                parts.length == 3
                    ? reads.rooms(user, query)
                    : switch (part) {
                      case "" -> reads.room(user, room);
                      case "history" -> reads.history(user, room, query);
                      case "members" -> reads.members(user, room, query);
                      default -> CompletableFuture.failedFuture(HttpAnswer.notFound());
                    });
  }
}
