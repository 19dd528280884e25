package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client may send, field by field: in these frames ' stands for ". */
class CommandReaderTest {

  private static final Limits LIMITS =
      Limits.DEFAULTS.toBuilder().textLength(10).jsonDepth(4).build();

  private final CommandReader reader = new CommandReader(LIMITS);

  private Command read(String frame) {
    return reader.read(frame.replace('\'', '"'));
  }

  private <C extends Command> C read(Class<C> type, String frame) {
    Command command = read(frame);
    if (command instanceof Command.Invalid invalid) {
      throw new AssertionError(frame, invalid.problem());
    }
    return assertInstanceOf(type, command);
  }

  private ChatException problem(String frame) {
    return assertInstanceOf(Command.Invalid.class, read(frame), frame).problem();
  }

  private static String x(int count) {
    return "x".repeat(count);
  }

  @Test
  void everyCommandIsReadWithItsFields() {
    Json id = Json.value("i");
    Position since = new Position("k3", 41);
    assertEquals(
        new Command.Join(id, "r", since, 7),
        read("{'id':'i','type':'join','room':'r','since':{'offset':41,'epoch':'k3'},'history':7}"));
    assertEquals(new Command.Join(null, "r", null, 50), read("{'type':'join','room':'r'}"));
    assertEquals(new Command.Leave(id, "r"), read("{'id':'i','type':'leave','room':'r'}"));
    assertEquals(
        new Command.Message(id, "r", "t", "k", "action", 3, Json.parse("{\"a\":1}")),
        read(
            "{'id':'i','type':'message','room':'r','text':'t','key':'k','kind':'action','replyTo':3,'data':{'a':1}}"));
    assertEquals(
        new Command.Message(null, "r", "t", null, "text", 0, null),
        read("{'type':'message','room':'r','text':'t'}"));
    assertEquals(
        new Command.Event(id, "r", "n", Json.NULL, "k", true),
        read(
            "{'id':'i','type':'event','room':'r','name':'n','data':null,'key':'k','ephemeral':true}"));
    assertEquals(
        new Command.Event(null, "r", "n", Json.value(5), null, false),
        read("{'type':'event','room':'r','name':'n','data':5}"));
    assertEquals(
        new Command.Typing(null, "r", false), read("{'type':'typing','room':'r','active':false}"));
    assertEquals(
        new Command.ReadHistory(null, "r", new HistoryQuery.Newest(50)),
        read("{'type':'history','room':'r'}"));
    assertEquals(
        new Command.ReadHistory(null, "r", new HistoryQuery.Before(9, 3)),
        read("{'type':'history','room':'r','before':9,'limit':3}"));
    assertEquals(
        new Command.ReadHistory(null, "r", new HistoryQuery.After(0, 500)),
        read("{'type':'history','room':'r','after':0,'limit':100000}"));
    assertEquals(
        new Command.Members(null, "r", "u", 5),
        read("{'type':'members','room':'r','after':'u','limit':5}"));
    assertEquals(
        new Command.Members(null, "r", "", 100), read("{'type':'members','room':'r','after':''}"));
    assertEquals(
        new Command.Rooms(null, "", "a", 500), read("{'type':'rooms','after':'a','limit':501}"));
    assertEquals(new Command.Rooms(null, "", "", 100), read("{'type':'rooms'}"));
    assertEquals(
        new Command.Ping(id, Json.trusted("1.50e3")), read("{'id':'i','type':'ping','ts':1.50e3}"));
    assertEquals(new Command.Ping(null, null), read("{'type':'ping'}"));
  }

  @Test
  void aFieldThatIsNullIsMissing() {
    assertEquals(
        new Command.Message(null, "r", "t", null, "text", 0, Json.NULL),
        read(
            "{'id':null,'type':'message','room':'r','text':'t','key':null,'kind':null,'replyTo':null,'data':null}"));
    assertEquals(
        new Command.Join(null, "r", null, 50),
        read("{'type':'join','room':'r','since':null,'history':null}"));
  }

  @Test
  void unknownFieldsAreIgnored() {
    assertEquals(
        new Command.Leave(null, "r"),
        read("{'v':9,'type':'leave','user':{'id':'forged'},'room':'r','ts':[]}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // The field that is missing or wrong, then the frame; the message begins with the field.
        "type|{}",
        "type|{'type':null}",
        "type|{'type':5}",
        "room|{'type':'join'}",
        "room|{'type':'join','room':null}",
        "room|{'type':'join','room':5}",
        "room|{'type':'join','room':['r']}",
        "room|{'type':'join','room':''}",
        "room|{'type':'join','room':'a\\nb'}",
        "room|{'type':'join','room':'\\u0000'}",
        "room|{'type':'join','room':'\\u007f'}",
        "room|{'type':'join','room':'\\ud83d'}",
        "room|{'type':'join','room':'\\ude00\\ud83d'}",
        "since|{'type':'join','room':'r','since':5}",
        "since|{'type':'join','room':'r','since':'k3'}",
        "since|{'type':'join','room':'r','since':[]}",
        "since.epoch|{'type':'join','room':'r','since':{'offset':1}}",
        "since.epoch|{'type':'join','room':'r','since':{'offset':1,'epoch':2}}",
        "since.offset|{'type':'join','room':'r','since':{'epoch':'k'}}",
        "since.offset|{'type':'join','room':'r','since':{'epoch':'k','offset':-1}}",
        "since.offset|{'type':'join','room':'r','since':{'epoch':'k','offset':1.5}}",
        "since.offset|{'type':'join','room':'r','since':{'epoch':'k','offset':'1'}}",
        "since.offset|{'type':'join','room':'r','since':{'epoch':'k','offset':9223372036854775808}}",
        "since.offset|{'type':'join','room':'r','since':{'epoch':'k','offset':1e999999999}}",
        "history|{'type':'join','room':'r','history':-1}",
        "history|{'type':'join','room':'r','history':'all'}",
        "history|{'type':'join','room':'r','history':true}",
        "room|{'type':'leave'}",
        "room|{'type':'message','text':'t'}",
        "text|{'type':'message','room':'r'}",
        "text|{'type':'message','room':'r','text':''}",
        "text|{'type':'message','room':'r','text':5}",
        "text|{'type':'message','room':'r','text':{}}",
        "text|{'type':'message','room':'r','text':'\\ud83d'}",
        "text|{'type':'message','room':'r','text':'12345678901'}",
        "key|{'type':'message','room':'r','text':'t','key':''}",
        "key|{'type':'message','room':'r','text':'t','key':5}",
        "key|{'type':'message','room':'r','text':'t','key':'\\udead'}",
        "kind|{'type':'message','room':'r','text':'t','kind':'shout'}",
        "kind|{'type':'message','room':'r','text':'t','kind':1}",
        "replyTo|{'type':'message','room':'r','text':'t','replyTo':0}",
        "replyTo|{'type':'message','room':'r','text':'t','replyTo':'3'}",
        "data|{'type':'message','room':'r','text':'t','data':{'a':'\\ud83d'}}",
        "room|{'type':'event','name':'n','data':1}",
        "name|{'type':'event','room':'r','data':1}",
        "name|{'type':'event','room':'r','name':'','data':1}",
        "name|{'type':'event','room':'r','name':7,'data':1}",
        "data|{'type':'event','room':'r','name':'n'}",
        "ephemeral|{'type':'event','room':'r','name':'n','data':1,'ephemeral':'yes'}",
        "room|{'type':'typing','active':true}",
        "active|{'type':'typing','room':'r'}",
        "active|{'type':'typing','room':'r','active':1}",
        "active|{'type':'typing','room':'r','active':null}",
        "room|{'type':'history'}",
        "before|{'type':'history','room':'r','before':1,'after':1}",
        "before|{'type':'history','room':'r','before':-1}",
        "after|{'type':'history','room':'r','after':'1'}",
        "limit|{'type':'history','room':'r','limit':0}",
        "limit|{'type':'history','room':'r','limit':'50'}",
        "room|{'type':'members'}",
        "after|{'type':'members','room':'r','after':3}",
        "after|{'type':'members','room':'r','after':'\\n'}",
        "limit|{'type':'members','room':'r','limit':-3}",
        "after|{'type':'rooms','after':{}}",
        "limit|{'type':'rooms','limit':1.5}",
        "ts|{'type':'ping','ts':'now'}",
        "id|{'id':true,'type':'ping'}",
        "id|{'id':{},'type':'ping'}",
        "id|{'id':'\\ud83d','type':'ping'}",
      })
  void aWrongFieldIsNamed(String field, String frame) {
    ChatException problem = problem(frame);
    String message = String.valueOf(problem.getMessage());
    assertTrue(message.startsWith(field + ":"), message);
    ErrorCode code = field.equals("text") && frame.contains("123") ? ErrorCode.TOO_LARGE : null;
    assertEquals(code == null ? ErrorCode.BAD_REQUEST : code, problem.code());
  }

  static Stream<String> atTheLimit() {
    String smile = "\ud83d\ude00";
    return Stream.of(
        "{'type':'join','room':'" + x(128) + "'}",
        "{'type':'join','room':'" + smile.repeat(32) + "'}",
        "{'type':'join','room':'r','since':{'offset':9223372036854775807,'epoch':'" + x(64) + "'}}",
        "{'type':'join','room':'r','since':{'offset':1.0,'epoch':''}}",
        "{'type':'message','room':'r','text':'" + smile.repeat(10) + "'}",
        "{'type':'message','room':'r','text':'t','key':'" + x(128) + "'}",
        "{'type':'message','room':'r','text':'t','data':[[[1]]]}",
        "{'type':'event','room':'r','name':'" + x(128) + "','data':1}",
        "{'type':'ping','id':'" + x(64) + "'}",
        "{'type':'ping','id':1" + "0".repeat(63) + "}",
        "{'type':'ping','ts':1" + "0".repeat(63) + "}");
  }

  @ParameterizedTest
  @MethodSource("atTheLimit")
  void whatIsAtItsLimitIsTaken(String frame) {
    assertTrue(!(read(frame) instanceof Command.Invalid), frame);
  }

  static Stream<String> aboveTheLimit() {
    String smile = "\ud83d\ude00";
    return Stream.of(
        "room|{'type':'join','room':'" + x(129) + "'}",
        "room|{'type':'join','room':'" + smile.repeat(32) + "x'}",
        "since.epoch|{'type':'join','room':'r','since':{'offset':1,'epoch':'" + x(65) + "'}}",
        "text|{'type':'message','room':'r','text':'" + smile.repeat(11) + "'}",
        "key|{'type':'message','room':'r','text':'t','key':'" + x(129) + "'}",
        "not a JSON object|{'type':'message','room':'r','text':'t','data':[[[[1]]]]}",
        "name|{'type':'event','room':'r','name':'" + x(129) + "','data':1}",
        "id|{'type':'ping','id':'" + x(65) + "'}",
        "id|{'type':'ping','id':1" + "0".repeat(64) + "}",
        "ts|{'type':'ping','ts':1" + "0".repeat(64) + "}");
  }

  @ParameterizedTest
  @MethodSource("aboveTheLimit")
  void whatIsAboveItsLimitIsNot(String line) {
    int bar = line.indexOf('|');
    String message = String.valueOf(problem(line.substring(bar + 1)).getMessage());
    assertTrue(message.startsWith(line.substring(0, bar)), message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "no",
        "null",
        "5",
        "'text'",
        "[{'type':'ping'}]",
        "{'type':'ping'",
        "{'type':'ping'} {}",
        "{'type':'ping'} x",
        "{type:'ping'}",
        "{'type':'ping',}",
        "{'type':'ping'}//",
        "{'a':NaN,'type':'ping'}",
        "{'a':01,'type':'ping'}",
        "{'a':'\n','type':'ping'}"
      })
  void whatIsNotOneJsonObjectIsBadJson(String frame) {
    assertEquals(ErrorCode.BAD_JSON, problem(frame).code());
  }

  @Test
  void anUnknownTypeIsToldWithItsNameCutShort() {
    ChatException problem = problem("{'type':'" + x(5_000) + "'}");
    assertEquals(ErrorCode.UNKNOWN_TYPE, problem.code());
    assertTrue(String.valueOf(problem.getMessage()).length() < 100);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"b\":1.0,\"a\":1e400,\"c\":-0.0}",
        "[12345678901234567890.12345678901234567890,1E-7]",
        "\"\\u00e9\u2028</script>\"",
        "false",
        "{}",
        "{\"\":[]}"
      })
  void dataArrivesAsItWasSent(String data) {
    Command.Event event =
        (Command.Event)
            reader.read("{\"type\":\"event\",\"room\":\"r\",\"name\":\"n\",\"data\":" + data + "}");
    assertEquals(Json.parse(data).tree(), event.data().tree());
    String digits = data.replaceAll("[^0-9eE.]", "");
    if (data.indexOf('"') < 0) {
      assertEquals(digits, event.data().text().replaceAll("[^0-9eE.]", ""));
    }
  }

  @Test
  void ofTwoFieldsOfOneNameTheLastCounts() {
    assertEquals(
        new Command.Message(null, "r", "t", null, "text", 0, Json.trusted("{\"b\":2,\"a\":3}")),
        read(
            "{'type':'ping','room':'x','type':'message','room':'r','text':'t','data':{'b':1,'a':3,'b':2}}"));
  }

  @Test
  void anIdComesBackAsItWasSent() {
    assertEquals("\"a\\\"b\"", json(read("{'id':'a\\'b','type':'ping'}")));
    assertEquals("1.50", json(read("{'id':1.50,'type':'ping'}")));
    assertEquals("7", json(read("{'id':7,'type':'dance'}")), "also when the frame is refused");
    assertNull(read("{'type':'dance'}").id());
  }

  private static String json(Command command) {
    return String.valueOf(command.id());
  }

  @Test
  void aFrameMayHaveSoManyValuesAndNoMore() {
    CommandReader few = new CommandReader(Limits.DEFAULTS.toBuilder().jsonFields(10).build());
    for (String data :
        List.of("[1,2,3,4,5,6]", "{'a':1,'b':2,'a':3,'c':{'d':{'e':1}}}", "[[],[[]],{},{},1]")) {
      String head = "{'type':'event','room':'r','name':'n','data':";
      assertInstanceOf(Command.Event.class, few.read((head + data + "}").replace('\'', '"')), data);
      Command refused = few.read((head + data + ",'more':null}").replace('\'', '"'));
      ChatException problem = ((Command.Invalid) refused).problem();
      assertEquals(ErrorCode.TOO_LARGE, problem.code());
      assertEquals("at most 10 values in a frame expected", problem.getMessage());
    }
  }

  @Test
  void noInputMakesTheReaderThrow() {
    String frame =
        "{'id':7,'type':'message','room':'r','text':'t','data':{'a':[1,true,null]},'replyTo':3}"
            .replace('\'', '"');
    String odd = "{}[]\",:\\\u0000-+.eE0\ud83d\ufeff\u2028";
    for (int i = 0; i < frame.length(); i++) {
      reader.read(frame.substring(0, i));
      reader.read(frame.substring(i));
      for (int c = 0; c < odd.length(); c++) {
        reader.read(frame.substring(0, i) + odd.charAt(c) + frame.substring(i));
        reader.read(frame.substring(0, i) + odd.charAt(c) + frame.substring(i + 1));
      }
    }
    assertEquals(ErrorCode.BAD_JSON, problem("[".repeat(100_000)).code());
    assertEquals(ErrorCode.BAD_JSON, problem("{'a':".repeat(100_000)).code());
    assertInstanceOf(Command.Ping.class, read(Command.Ping.class, "{'type':'ping'}"));
  }
}
