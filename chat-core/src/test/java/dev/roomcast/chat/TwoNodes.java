package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Two nodes on one store, started and ready before each test. */
public abstract class TwoNodes {

  private static final Limits LIMITS =
      Limits.DEFAULTS.toBuilder()
          .commandsPerSecond(0)
          .bytesPerSecond(0)
          .userCommandsPerSecond(0)
          .historyCount(10_000)
          .presenceInterval(Duration.ofMillis(20))
          .drain(Duration.ofMillis(10))
          .build();

  private Backend first;
  private Backend second;
  private int ids;
  ChatNode here;
  ChatNode there;

  /** Returns a backend that was not started, on the store of the present test. */
  protected abstract Backend newBackend() throws Exception;

  /** Gives the nodes of a suite what else they need. */
  ChatNode.Builder configured(ChatNode.Builder builder) {
    return builder;
  }

  /** Gives the nodes of a suite other limits. */
  Limits limits(Limits usual) {
    return usual;
  }

  @BeforeEach
  void startNodes() throws Exception {
    first = newBackend();
    second = newBackend();
    here = configured(ChatNode.builder(first).limits(limits(LIMITS))).start();
    there = configured(ChatNode.builder(second).limits(limits(LIMITS))).start();
    BackendContract.until(() -> here.ready() && there.ready());
  }

  @AfterEach
  void closeNodes() {
    here.close();
    there.close();
    first.close();
    second.close();
  }

  /** Sends a command without its id, and waits for the answer to it. */
  JsonObject ask(Client client, String command) {
    int id = ++ids;
    client.send(command.replaceFirst("\\{", "{'id':" + id + ","));
    List<JsonObject> found = new ArrayList<>();
    BackendContract.until(
        () -> {
          found.clear();
          client.transport.frames().stream()
              .filter(frame -> frame.has("re") && frame.get("re").getAsInt() == id)
              .forEach(found::add);
          return !found.isEmpty();
        });
    return found.get(0);
  }

  /** The same for a command that is refused: the code of the error. */
  String refusal(Client client, String command) {
    JsonObject answer = ask(client, command);
    assertEquals("error", answer.get("type").getAsString(), answer::toString);
    return answer.get("code").getAsString();
  }

  /** A field of every object of an array. */
  static List<String> each(JsonArray array, String field) {
    return StreamSupport.stream(array.spliterator(), false)
        .map(JsonElement::getAsJsonObject)
        .map(object -> object.get(field).getAsString())
        .toList();
  }

  static List<String> names(JsonObject frame, String field) {
    return each(frame.getAsJsonArray(field), "name");
  }
}
