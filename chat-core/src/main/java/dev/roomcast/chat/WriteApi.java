package dev.roomcast.chat;

import com.google.gson.JsonObject;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the HTTP API does for an application: it publishes in the name of users or in its own, and
 * disconnects users. Whoever calls this has checked that it is the application: there are no
 * permissions in here.
 *
 * <p>Bodies come as JSON text, keys as the header {@code Idempotency-Key} has them, both checked
 * here; answers are the protocol's {@code ack} without {@code type} and {@code re}. Every stage
 * ends exceptionally with a {@link ChatException} whose {@link ErrorCode#httpStatus} is the answer,
 * and whose message names the field. Immutable, thread-safe.
 */
public final class WriteApi {

  private static final int MAX_KEY = 128;

  private final ChatNode node;
  private final @Nullable TraceContext trace;

  WriteApi(ChatNode node, @Nullable TraceContext trace) {
    this.node = node;
    this.trace = trace;
  }

  /**
   * Returns the same for one request, whose publications are a part of its trace, if it has one.
   */
  public WriteApi traced(@Nullable TraceContext of) {
    return new WriteApi(node, of);
  }

  /**
   * {@code POST /api/rooms/{room}/messages}: {@code user} ({@code id}, and {@code name}, else the
   * id), {@code text}, and as in the protocol {@code kind}, {@code replyTo}, {@code data}. A
   * message always has a user; what the application says itself is an event.
   *
   * @param key what makes it safe to post again within ten minutes, or null
   */
  public CompletionStage<Json> message(String room, String body, @Nullable String key) {
    return checked(
        () -> {
          JsonObject frame = node.reader().parse(body);
          User user = CommandReader.user(frame);
          Command.Message message = node.reader().message(posted(frame, room));
          return node.conversations()
              .isSomebodyThere(user, room)
              .thenCompose(there -> node.hooks().beforeLogged(user, message))
              .thenCompose(
                  checked -> {
                    long ts = node.clock().millis();
                    return publish(
                        room, Conversations.draft(checked, user, ts, applicationKey(key)));
                  });
        });
  }

  /**
   * {@code POST /api/rooms/{room}/events}: {@code name}, {@code data}, {@code ephemeral}. The event
   * has no user.
   *
   * @param key what makes it safe to post again within ten minutes, or null; an ephemeral event is
   *     not logged, so it has no use for one
   */
  public CompletionStage<Json> event(String room, String body, @Nullable String key) {
    return checked(
        () -> {
          Command.Event event = node.reader().event(posted(node.reader().parse(body), room));
          long ts = node.clock().millis();
          Json frame = FrameWriter.eventBody(room, event.name(), event.data(), null, ts);
          return event.ephemeral()
              ? node.broker().announce(room, frame).thenApply(done -> done(ts))
              : publish(room, new Draft(frame, ts, applicationKey(key)));
        });
  }

  /**
   * {@code POST /api/users/{id}/direct}: {@code user} ({@code id}, and {@code name}, else the id)
   * who says it, {@code text}, {@code data}. The answer has the {@code room} too.
   *
   * @param key what makes it safe to post again within ten minutes, or null
   */
  public CompletionStage<Json> direct(String to, String body, @Nullable String key) {
    return checked(
        () -> {
          JsonObject frame = node.reader().parse(body);
          User user = CommandReader.user(frame);
          frame.remove("key");
          frame.addProperty("to", to);
          return node.conversations()
              .direct(user, node.reader().direct(frame), applicationKey(key))
              .thenApply(
                  sent -> {
                    JsonText start = new JsonText().field("room", sent.room());
                    return Json.trusted(FrameWriter.ack(start, sent.ack()));
                  });
        });
  }

  private CompletionStage<Json> publish(String room, Draft draft) {
    return node.publish(room, draft.traced(trace))
        .thenApply(ack -> Json.trusted(FrameWriter.ack(new JsonText(), ack)));
  }

  private static @Nullable String applicationKey(@Nullable String key) {
    if (key == null) {
      return null;
    }
    if (key.isEmpty() || key.length() > MAX_KEY) {
      throw new ChatException(
          ErrorCode.BAD_REQUEST, "Idempotency-Key: 1 to " + MAX_KEY + " characters expected");
    }
    return RoomHandle.key(key);
  }

  /** The frame as a client would have sent it; the key of an application is not a frame's. */
  private static JsonObject posted(JsonObject frame, String room) {
    frame.remove("key");
    frame.addProperty("room", room);
    return frame;
  }

  /**
   * {@code POST /api/users/{id}/disconnect}: closes the connections of a user on all nodes with
   * 4003, and ends the sessions. It says that all nodes were told.
   */
  public CompletionStage<Json> disconnect(String user) {
    return checked(
        () -> {
          Names.check("user", user);
          long ts = node.clock().millis();
          return node.moderation()
              .notices()
              .post(new Control.Disconnect(user))
              .thenApply(told -> done(ts));
        });
  }

  /**
   * {@code POST /api/rooms}: creates a room that is nobody's; {@code room}, and as in the protocol
   * {@code private}, {@code title}, {@code slow}.
   */
  public CompletionStage<Json> create(String body) {
    return checked(
        () -> {
          JsonObject frame = node.reader().parse(body);
          String room = Names.room(CommandReader.required(frame, "room"));
          if (!(RoomActionReader.read("create", frame) instanceof RoomAction.Create create)) {
            throw new IllegalStateException("create is read as something else");
          }
          return node.keeper()
              .carryOut(null, room, create)
              .thenApply(
                  done -> Json.trusted(FrameWriter.created(new JsonText(), room, create.change())));
        });
  }

  /** {@code DELETE /api/rooms/{room}}: ends the room, as {@link RoomHandle#destroy}. */
  public CompletionStage<Json> destroy(String room) {
    return checked(() -> manage(Names.room(room), new RoomAction.Destroy()));
  }

  /**
   * {@code POST /api/rooms/{room}/kick}, {@code mute}, {@code unmute}, {@code ban} and {@code
   * unban}: {@code user}, an id, and as in the protocol {@code seconds} and {@code reason}.
   */
  public CompletionStage<Json> moderate(String room, String action, String body) {
    return checked(
        () -> {
          JsonObject frame = node.reader().parse(body);
          return manage(Names.room(room), moderation(action, frame));
        });
  }

  /**
   * {@code POST /api/users/{id}/mute}, {@code unmute}, {@code ban} and {@code unban}: the same in
   * the whole service. An empty body is as good as {@code {}}.
   */
  public CompletionStage<Json> moderateUser(String user, String action, String body) {
    return checked(
        () -> {
          JsonObject frame = node.reader().parse(body.isBlank() ? "{}" : body);
          frame.addProperty("user", user);
          long ts = node.clock().millis();
          RoomAction wanted = moderation(action, frame);
          if (wanted instanceof RoomAction.Impose impose) {
            return node.keeper().impose(null, "", impose).thenApply(done -> done(ts));
          } else if (wanted instanceof RoomAction.Lift lift) {
            return node.keeper().lift(null, "", lift).thenApply(done -> done(ts));
          }
          throw unknown(action);
        });
  }

  private static RoomAction moderation(String action, JsonObject frame) {
    RoomAction wanted = RoomActionReader.read(action, frame);
    if (wanted != null && wanted.permission() == Authorizer.Action.MODERATE) {
      return wanted;
    }
    throw unknown(action);
  }

  private static ChatException unknown(String action) {
    return new ChatException(
        ErrorCode.BAD_REQUEST, "the path: " + JsonText.quote(action) + " is nothing to be done");
  }

  private CompletionStage<Json> manage(String room, RoomAction action) {
    long ts = node.clock().millis();
    return node.keeper().carryOut(null, room, action).thenApply(done -> done(ts));
  }

  private static Json done(long ts) {
    return Json.trusted(FrameWriter.plainAck(new JsonText(), ts));
  }

  private static CompletionStage<Json> checked(Supplier<CompletionStage<Json>> work) {
    try {
      return work.get();
    } catch (ChatException e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
