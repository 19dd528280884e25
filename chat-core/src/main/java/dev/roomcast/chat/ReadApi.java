package dev.roomcast.chat;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What the HTTP API answers to a reader: the frames of the protocol without {@code type} and {@code
 * re}.
 *
 * <p>The same permissions as over a connection: what a user may not join, it may not read. Query
 * parameters come as strings, checked here. Every stage ends exceptionally with a {@link
 * ChatException} whose {@link ErrorCode#httpStatus} is the answer. Immutable, thread-safe.
 */
public final class ReadApi {

  private static final int MAX_LIMIT = 500;
  private static final int DEFAULT_LIMIT = 50;
  private static final int DEFAULT_PAGE = 100;

  private final ChatNode node;
  private final boolean ofApplication;

  ReadApi(ChatNode node) {
    this(node, false);
  }

  private ReadApi(ChatNode node, boolean ofApplication) {
    this.node = node;
    this.ofApplication = ofApplication;
  }

  /**
   * Returns the same for the application, whoever is given as the user: it sees which rooms there
   * are and who is in them, but no conversations, and reads no more than the user may.
   */
  public ReadApi ofApplication() {
    return new ReadApi(node, true);
  }

  /**
   * Says who asks. Where guests are let in, nobody need give a name for reading. It counts towards
   * {@link Limits#requestsPerSecondPerAddress}, beyond which it is {@code rate_limited}.
   */
  public CompletionStage<User> authenticate(ConnectRequest request) {
    String address = ClientAddress.key(request.remoteAddress());
    if (!node.requestRates().take(address, node.clock().millis())) {
      node.limitHit(LimitHit.REQUESTS_PER_SECOND_PER_ADDRESS);
      return CompletableFuture.failedFuture(
          ChatException.retryLater(
              ErrorCode.RATE_LIMITED, "your address asks too often", Duration.ofSeconds(1)));
    }
    if (node.hooks().readsAsGuest(request)) {
      return CompletableFuture.completedFuture(new User("guest", "guest"));
    }
    return node.hooks().authenticate(request).thenApply(Credential::user);
  }

  /** {@code GET /api/rooms}, with {@code prefix}, {@code after} and {@code limit}. */
  public CompletionStage<Json> rooms(User user, Map<String, String> query) {
    try {
      String prefix = query.getOrDefault("prefix", "");
      String after = query.getOrDefault("after", "");
      int limit = limit(query, DEFAULT_PAGE);
      return (ofApplication
              ? node.rooms().rooms(prefix, after, limit).thenApply(RoomList::of)
              : node.listRooms(user, prefix, after, limit))
          .thenApply(page -> Json.trusted(FrameWriter.rooms(new JsonText(), page)));
    } catch (ChatException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * {@code GET /api/rooms/{room}}: how many users are in it, when and by whom it was created, the
   * last activity, and the position of its log.
   */
  public CompletionStage<Json> room(User user, String room) {
    return allowed(user, Authorizer.Action.JOIN, room)
        .thenCompose(allowed -> node.readHistory(room, new HistoryQuery.Newest(1)))
        .thenCompose(
            newest ->
                node.rooms()
                    .room(room)
                    .thenApply(
                        info ->
                            Json.trusted(
                                FrameWriter.room(
                                    info == null ? new RoomManager.RoomInfo(room, 0) : info,
                                    newest))));
  }

  /**
   * {@code GET /api/rooms/{room}/history}, with {@code before} or {@code after}, and {@code limit}.
   */
  public CompletionStage<Json> history(User user, String room, Map<String, String> query) {
    try {
      HistoryQuery part = part(query);
      return allowed(user, Authorizer.Action.HISTORY, room)
          .thenCompose(allowed -> node.readHistory(room, part))
          .thenApply(page -> Json.trusted(FrameWriter.history(new JsonText(), room, page)));
    } catch (ChatException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** {@code GET /api/rooms/{room}/export}: the retained log, a logged frame a line. */
  public CompletionStage<RoomExport> export(User user, String room) {
    return allowed(user, Authorizer.Action.HISTORY, room)
        .thenCompose(allowed -> node.readHistory(room, HistoryQuery.position()))
        .thenApply(page -> new RoomExport(node, room, page.top()));
  }

  private static HistoryQuery part(Map<String, String> query) {
    int limit = limit(query, DEFAULT_LIMIT);
    String before = query.get("before");
    String after = query.get("after");
    if (before != null && after != null) {
      throw new ChatException(ErrorCode.BAD_REQUEST, "before, after: only one of them expected");
    } else if (before != null) {
      return new HistoryQuery.Before(number("before", before), limit);
    } else if (after != null) {
      return new HistoryQuery.After(number("after", after), limit);
    }
    return new HistoryQuery.Newest(limit);
  }

  /** {@code GET /api/rooms/{room}/members}, with {@code after} and {@code limit}. */
  public CompletionStage<Json> members(User user, String room, Map<String, String> query) {
    try {
      int limit = limit(query, DEFAULT_PAGE);
      return allowed(user, Authorizer.Action.PRESENCE, room)
          .thenCompose(allowed -> node.readHistory(room, HistoryQuery.position()))
          .thenCompose(exists -> node.rooms().members(room, query.getOrDefault("after", ""), limit))
          .thenApply(page -> Json.trusted(FrameWriter.members(new JsonText(), room, page)));
    } catch (ChatException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletionStage<?> allowed(User user, Authorizer.Action action, String room) {
    try {
      Names.room(room);
    } catch (ChatException e) {
      return CompletableFuture.failedFuture(e);
    }
    if (ofApplication && action != Authorizer.Action.HISTORY && !Conversation.is(room)) {
      return CompletableFuture.completedFuture(null);
    }
    return node.authorize(user, action, room);
  }

  private static int limit(Map<String, String> query, int defaultLimit) {
    String value = query.get("limit");
    return value == null
        ? defaultLimit
        : (int) Math.min(MAX_LIMIT, Math.max(1, number("limit", value)));
  }

  private static long number(String name, String value) {
    try {
      long number = Long.parseLong(value);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below, in the words that a negative number gets.
    }
    throw new ChatException(ErrorCode.BAD_REQUEST, name + ": a whole number, 0 or more, expected");
  }
}
