package dev.roomcast.chat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Edits, deletions and reactions: each is a frame of its own in the log, and changes the message
 * that it is about in the same atomic step.
 *
 * <p>A change is made from the message as it was read, and the log takes it only if the message is
 * still that one; else it is read and made again. So the log decides whose change came last, and
 * every reader sees the same. Stateless, but for the node; thread-safe.
 */
final class MessageChanges {

  /** So often, while others change the same message at the same moment. */
  private static final int ATTEMPTS = 50;

  private static final int PAGE = 500;

  private final ChatNode node;

  MessageChanges(ChatNode node) {
    this.node = node;
  }

  /** What is logged, and what it makes of what is in the log. Immutable. */
  private record Change(Json frame, long ts, List<Revision> revisions) {}

  /** A message as it was read. Immutable. */
  private record Target(Publication publication, String author, boolean edited) {

    boolean isOf(User user) {
      return author.equals(user.id());
    }

    JsonFields fields() {
      return JsonFields.of(publication.body());
    }

    Revision to(JsonFields fields) {
      return new Revision(publication.offset(), publication.body(), fields.json());
    }
  }

  /** Makes a change of a message, or null when it would change nothing. */
  private interface Maker {
    CompletionStage<@Nullable Change> make(Target target);
  }

  /** Gives an own message another text; the stage has null when it is the text it has. */
  CompletionStage<@Nullable Ack> edit(User user, Command.Edit command) {
    Json text = Json.value(command.text());
    return change(
        command.room(),
        command.target(),
        target -> {
          if (!target.isOf(user)) {
            throw new ChatException(ErrorCode.FORBIDDEN, "target: not your own message");
          }
          checkAge(target);
          JsonFields fields = target.fields();
          if (text.equals(fields.get("text"))) {
            return CompletableFuture.completedFuture(null);
          }
          long ts = node.clock().millis();
          fields.set("text", text);
          fields.set("edited", Json.value(ts));
          Json frame =
              start("edit", command.room(), ts, user, command.target()).field("text", text).json();
          return CompletableFuture.completedFuture(
              new Change(frame, ts, List.of(target.to(fields))));
        });
  }

  /** Takes the words out of a message, and out of the edits that it had. */
  CompletionStage<@Nullable Ack> delete(User user, Command.Delete command) {
    String room = command.room();
    AtomicReference<@Nullable String> other = new AtomicReference<>();
    Maker maker =
        target -> {
          if (target.isOf(user)) {
            checkAge(target);
          } else {
            other.set(target.author());
          }
          Authorizer.Action action =
              target.isOf(user) ? Authorizer.Action.EDIT : Authorizer.Action.MODERATE;
          return node.authorize(user, action, room)
              .thenCompose(
                  allowed ->
                      target.edited()
                          ? edits(room, command.target(), command.target(), new ArrayList<>())
                          : CompletableFuture.completedFuture(List.<Publication>of()))
              .thenApply(edits -> deletion(user, command, target, edits));
        };
    return change(room, command.target(), maker)
        .thenCompose(
            ack -> {
              String author = other.get();
              return ack == null || author == null
                  ? CompletableFuture.completedFuture(ack)
                  : node.keeper().deleted(user, room, author).thenApply(noted -> ack);
            });
  }

  private Change deletion(
      User user, Command.Delete command, Target target, List<Publication> edits) {
    long ts = node.clock().millis();
    List<Revision> revisions = new ArrayList<>();
    revisions.add(target.to(deleted(target.fields())));
    for (Publication edit : edits) {
      Json without = deleted(JsonFields.of(edit.body())).json();
      revisions.add(new Revision(edit.offset(), edit.body(), without));
    }
    Json frame = start("delete", command.room(), ts, user, command.target()).json();
    return new Change(frame, ts, revisions);
  }

  private static JsonFields deleted(JsonFields fields) {
    List.of("text", "data", "edited", "reactions").forEach(fields::remove);
    fields.set("deleted", Json.value(true));
    return fields;
  }

  /** The edits of a message that are still in the log, those after {@code after}. */
  private CompletionStage<List<Publication>> edits(
      String room, long target, long after, List<Publication> found) {
    return node.broker()
        .history(room, new HistoryQuery.After(after, PAGE))
        .thenCompose(
            page -> {
              for (Publication publication : page.publications()) {
                JsonObject body = publication.body().tree().getAsJsonObject();
                if (text(body, "type").equals("edit") && body.get("target").getAsLong() == target) {
                  found.add(publication);
                }
              }
              int size = page.publications().size();
              return page.more() && size > 0
                  ? edits(room, target, page.publications().get(size - 1).offset(), found)
                  : CompletableFuture.completedFuture(found);
            });
  }

  /** Sets a reaction or takes it back; the stage has null when it is so already. */
  CompletionStage<@Nullable Ack> react(User user, Command.React command) {
    return change(
        command.room(),
        command.target(),
        target -> {
          JsonFields fields = target.fields();
          Json present = fields.get("reactions");
          JsonObject reactions =
              present == null ? new JsonObject() : present.tree().getAsJsonObject();
          if (!changed(reactions, user.id(), command.emoji(), command.on())) {
            return CompletableFuture.completedFuture(null);
          }
          if (reactions.size() == 0) {
            fields.remove("reactions");
          } else {
            fields.set("reactions", Json.trusted(reactions.toString()));
          }
          long ts = node.clock().millis();
          Json frame =
              start("react", command.room(), ts, user, command.target())
                  .field("emoji", command.emoji())
                  .field("on", command.on())
                  .json();
          return CompletableFuture.completedFuture(
              new Change(frame, ts, List.of(target.to(fields))));
        });
  }

  private boolean changed(JsonObject reactions, String user, String emoji, boolean on) {
    JsonArray users = reactions.getAsJsonArray(emoji);
    JsonPrimitive id = new JsonPrimitive(user);
    if (!on) {
      boolean removed = users != null && users.remove(id);
      if (removed && users.isEmpty()) {
        reactions.remove(emoji);
      }
      return removed;
    }
    if (users != null && users.contains(id)) {
      return false;
    }
    int count = 0;
    for (String each : reactions.keySet()) {
      count += reactions.getAsJsonArray(each).size();
    }
    int most = node.limits().reactionsPerMessage();
    if (count >= most) {
      throw new ChatException(
          ErrorCode.TOO_LARGE, "target: a message has at most " + most + " reactions");
    }
    if (users == null) {
      users = new JsonArray();
      reactions.add(emoji, users);
    }
    users.add(id);
    return true;
  }

  private static JsonText start(String type, String room, long ts, User user, long target) {
    return new JsonText()
        .field("type", type)
        .field("room", room)
        .field("ts", ts)
        .field("user", user)
        .field("target", target);
  }

  private void checkAge(Target target) {
    Duration most = node.limits().editAge();
    if (!most.isZero() && node.clock().millis() - target.publication().ts() > most.toMillis()) {
      throw new ChatException(
          ErrorCode.FORBIDDEN, "target: older than " + most.toMinutes() + " minutes");
    }
  }

  private CompletionStage<@Nullable Ack> change(String room, long target, Maker maker) {
    return change(room, target, maker, ATTEMPTS);
  }

  private CompletionStage<@Nullable Ack> change(
      String room, long target, Maker maker, int attempts) {
    return node.broker()
        .history(room, new HistoryQuery.After(target - 1, 1))
        .thenCompose(page -> maker.make(target(page, target)))
        .thenCompose(
            change -> {
              if (change == null) {
                return CompletableFuture.<@Nullable Ack>completedFuture(null);
              }
              return node.revise(
                      room, new Draft(change.frame(), change.ts(), null), change.revisions())
                  .thenCompose(
                      ack ->
                          ack != null
                              ? CompletableFuture.<@Nullable Ack>completedFuture(ack)
                              : again(room, target, maker, attempts - 1));
            });
  }

  private CompletionStage<@Nullable Ack> again(
      String room, long target, Maker maker, int attempts) {
    return attempts > 0
        ? change(room, target, maker, attempts)
        : CompletableFuture.failedFuture(
            new ChatException(
                ErrorCode.UNAVAILABLE, "target: too many change this message at the same time"));
  }

  private static Target target(History page, long target) {
    List<Publication> found = page.publications();
    if (found.isEmpty() || found.get(0).offset() != target) {
      throw noSuchMessage(target);
    }
    JsonObject body = found.get(0).body().tree().getAsJsonObject();
    String type = text(body, "type");
    if (!type.equals("message") && !type.equals("direct")) {
      throw new ChatException(
          ErrorCode.BAD_REQUEST, "target: a message expected, not " + JsonText.quote(type));
    }
    if (body.has("deleted")) {
      throw noSuchMessage(target);
    }
    String author = text(body.getAsJsonObject("user"), "id");
    return new Target(found.get(0), author, body.has("edited"));
  }

  private static String text(JsonObject object, String field) {
    JsonElement value = object.get(field);
    return value instanceof JsonPrimitive text ? text.getAsString() : "";
  }

  private static ChatException noSuchMessage(long target) {
    return new ChatException(
        ErrorCode.NO_SUCH_MESSAGE, "target: there is no message " + target + " any more");
  }
}
