package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** PROTOCOL.md and asyncapi.json say what the server takes and sends: no more and no less. */
class ProtocolDocumentTest {

  private static final Pattern EXAMPLE =
      Pattern.compile("```json( client)?\n(.*?)\n```", Pattern.DOTALL);

  private final List<JsonObject> commands = new ArrayList<>();
  private final List<JsonObject> frames = new ArrayList<>();
  private JsonObject components;

  @BeforeEach
  void read() throws IOException {
    Matcher example = EXAMPLE.matcher(Files.readString(Path.of("PROTOCOL.md")));
    while (example.find()) {
      (example.group(1) == null ? frames : commands)
          .add(JsonParser.parseString(example.group(2)).getAsJsonObject());
    }
    components =
        JsonParser.parseString(Files.readString(Path.of("asyncapi.json")))
            .getAsJsonObject()
            .getAsJsonObject("components");
  }

  private static String type(JsonObject frame) {
    return frame.get("type").getAsString();
  }

  @Test
  void everyExampleOfACommandIsTaken() {
    CommandReader reader = new CommandReader(Limits.DEFAULTS);
    for (JsonObject command : commands) {
      assertFalse(
          reader.read(command.toString()) instanceof Command.Invalid, () -> command.toString());
    }
    assertEquals(
        Set.of(
            "join",
            "leave",
            "message",
            "event",
            "edit",
            "delete",
            "react",
            "read",
            "direct",
            "conversations",
            "block",
            "unblock",
            "typing",
            "history",
            "members",
            "rooms",
            "auth",
            "ping",
            "create",
            "configure",
            "destroy",
            "invite",
            "uninvite",
            "appoint",
            "dismiss",
            "kick",
            "mute",
            "unmute",
            "ban",
            "unban"),
        new TreeSet<>(commands.stream().map(ProtocolDocumentTest::type).toList()));
  }

  @Test
  void theMachineReadableEditionHasTheSameExamples() {
    Map<String, JsonArray> expected = new TreeMap<>();
    commands.forEach(
        c -> expected.computeIfAbsent(type(c) + "Command", t -> new JsonArray()).add(c));
    frames.forEach(f -> expected.computeIfAbsent(type(f) + "Frame", t -> new JsonArray()).add(f));
    Map<String, JsonArray> found = new TreeMap<>();
    for (Map.Entry<String, JsonElement> message :
        components.getAsJsonObject("messages").entrySet()) {
      JsonArray payloads = new JsonArray();
      message
          .getValue()
          .getAsJsonObject()
          .getAsJsonArray("examples")
          .forEach(example -> payloads.add(example.getAsJsonObject().get("payload")));
      found.put(message.getKey(), payloads);
    }
    assertEquals(expected, found);
  }

  @Test
  void theFieldsOfTheExamplesAreThoseOfTheSchemas() {
    commands.forEach(command -> assertFits(command, "Command"));
    frames.forEach(frame -> assertFits(frame, "Frame"));
  }

  private void assertFits(JsonObject frame, String kind) {
    Set<String> properties = properties(type(frame) + kind);
    assertTrue(properties.containsAll(frame.keySet()), () -> frame + " has more than the schema");
    assertTrue(frame.keySet().containsAll(required(type(frame) + kind)), frame::toString);
  }

  private JsonObject schema(String name) {
    return components.getAsJsonObject("schemas").getAsJsonObject(name);
  }

  private Set<String> properties(String schema) {
    return new TreeSet<>(schema(schema).getAsJsonObject("properties").keySet());
  }

  private List<String> required(String schema) {
    return schema(schema).getAsJsonArray("required").asList().stream()
        .map(JsonElement::getAsString)
        .toList();
  }

  /** Every field that the server can send is documented, and every documented one is sent. */
  @Test
  void theServerSendsWhatIsDocumented() {
    Map<String, Set<String>> seen = new TreeMap<>();
    for (JsonObject frame : everyFrame()) {
      seen.computeIfAbsent(type(frame), t -> new TreeSet<>()).addAll(frame.keySet());
      assertTrue(
          frame.keySet().containsAll(required(type(frame) + "Frame")),
          () -> "a required field is missing in " + frame);
    }
    Map<String, Set<String>> documented = new TreeMap<>();
    for (String name : components.getAsJsonObject("schemas").keySet()) {
      if (name.endsWith("Frame")) {
        documented.put(name.substring(0, name.length() - "Frame".length()), properties(name));
      }
    }
    assertEquals(documented, seen);
  }

  private final StillNodes nodes = new StillNodes();

  @AfterEach
  void close() {
    nodes.close();
  }

  /** What two clients get in a session in which everything happens once. */
  private List<JsonObject> everyFrame() {
    Limits limits = StillNodes.LIMITS.toBuilder().commandsPerSecond(1).commandsBurst(100).build();
    Authenticator.Expiring anHour =
        request -> new Credential(new User("u1", "Ann"), nodes.clock.instant().plusSeconds(3_600));
    ChatNode here = nodes.start(limits, backend -> backend, node -> node.authenticator(anHour));
    Client ann = Client.connect(here, "Ann");
    Client bob = Client.connect(nodes.start(limits), "Bob");
    JsonObject position = ann.join("general");
    bob.join("general");
    nodes.clock.advanceSeconds(1);
    ann.send("{'type':'typing','room':'general','active':true}");
    String message = "'room':'general','text':'x','key':'k','replyTo':1,'data':[1]}";
    ann.send("{'type':'message','id':1," + message);
    ann.send("{'type':'message','id':2," + message);
    ann.send("{'type':'event','id':3,'room':'general','name':'n','data':1}");
    ann.send("{'type':'event','id':4,'room':'general','name':'n','data':1,'ephemeral':true}");
    ann.send("{'type':'join','id':5,'room':'random'}");
    ann.send("{'type':'history','id':6,'room':'general','limit':1}");
    ann.send("{'type':'members','id':7,'room':'general','limit':1}");
    ann.send("{'type':'rooms','id':8,'limit':1}");
    ann.send("{'type':'ping','id':9,'ts':1}");
    ann.send("{'type':'auth','id':13,'token':'fresh'}");
    ann.send("{'type':'create','id':20,'room':'plans','title':'t','private':true}");
    String bobs = "'id':15,'room':'plans','user':'" + bob.session.user().id() + "'}";
    ann.send("{'type':'invite'," + bobs);
    ann.send("{'type':'uninvite'," + bobs);
    ann.send("{'type':'react','room':'general','target':1,'emoji':'\ud83d\ude00','on':true}");
    ann.send("{'type':'edit','room':'general','target':1,'text':'y'}");
    ann.send("{'type':'history','id':14,'room':'general'}");
    ann.send("{'type':'delete','room':'general','target':1}");
    ann.send("{'type':'history','id':15,'room':'general'}");
    ann.send("{'type':'read','room':'general','offset':2}");
    nodes.clock.advanceSeconds(1);
    String direct = "'to':'u1','text':'x','key':'d','data':[1]}";
    ann.send("{'type':'direct','id':16," + direct);
    String room = "'room':'dm:u1:u1'";
    ann.send("{'type':'message'," + room + ",'text':'reply','replyTo':1}");
    ann.send("{'type':'react'," + room + ",'target':1,'emoji':'\ud83d\ude00','on':true}");
    ann.send("{'type':'edit'," + room + ",'target':1,'text':'y'}");
    ann.send("{'type':'history','id':17," + room + "}");
    ann.send("{'type':'delete'," + room + ",'target':1}");
    ann.send("{'type':'history','id':18," + room + "}");
    ann.send("{'type':'direct','to':'u2','text':'x'}");
    ann.send("{'type':'conversations','id':19,'limit':1}");
    ann.send("{'type':'leave','id':10,'room':'general'}");
    ann.send("{'type':'join','id':11,'room':'general','since':" + since(position) + "}");
    nodes.store.loseTail("general", 1);
    bob.send("{'type':'message','room':'general','text':'after the loss'}");
    for (int i = 0; i < 100; i++) {
      bob.send("{'type':'ping','id':12}");
    }
    ann.session.goAway(20);
    List<JsonObject> all = new ArrayList<>(ann.transport.frames());
    all.addAll(bob.transport.frames());
    for (JsonObject frame : List.copyOf(all)) {
      JsonArray frames = frame.getAsJsonArray(frame.has("history") ? "history" : "frames");
      if (frames != null) {
        frames.forEach(logged -> all.add(logged.getAsJsonObject()));
      }
    }
    return all;
  }

  private static String since(JsonObject joined) {
    return "{'offset':" + joined.get("offset") + ",'epoch':" + joined.get("epoch") + "}";
  }
}
