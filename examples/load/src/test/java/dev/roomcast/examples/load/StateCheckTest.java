package dev.roomcast.examples.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.roomcast.chat.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The checks of changes, read marks and conversations, on right histories and on broken ones. */
class StateCheckTest {

  private static final String ROOM = "r";
  private static final String DM = "dm:ann:bob";
  private static final List<Violation.Kind> NONE = List.of();
  private static final List<Violation.Kind> STATE = List.of(Violation.Kind.STATE);
  private static final List<Violation.Kind> MARK = List.of(Violation.Kind.MARK);
  private static final List<Violation.Kind> LOST = List.of(Violation.Kind.LOST);

  private final List<JsonObject> frames = new ArrayList<>();

  /** The next frame of the log: its fields without those that all have. */
  private void frame(String user, String fields) {
    String frame =
        "{'offset':%d,'epoch':'e','room':'r','user':{'id':'%s'},%s}"
            .formatted(frames.size() + 1, user, fields);
    frames.add(JsonParser.parseString(frame.replace('\'', '"')).getAsJsonObject());
  }

  private void message(String user, String more) {
    frame(user, "'type':'message','kind':'text'" + more);
  }

  private RoomLog log(String room) {
    Position top = new Position("e", frames.size());
    Indexes indexes = new Indexes();
    frames.forEach(frame -> indexes.add(Messages.UNNAMED));
    return new RoomLog(room, top, 1, indexes, frames);
  }

  private static List<Violation.Kind> kinds(List<Violation> violations) {
    return violations.stream().map(Violation::kind).toList();
  }

  private List<Violation.Kind> states() {
    return kinds(new StateCheck().states(List.of(log(ROOM))));
  }

  @Test
  void messagesThatAreWhatTheirChangesMakeOfThemAreRight() {
    message("ann", ",'text':'b','edited':5,'reactions':{'x':['bob']}");
    message("ann", ",'deleted':true");
    message("ann", ",'text':'plain'");
    frame("ann", "'type':'edit','target':1,'text':'a'");
    frame("ann", "'type':'edit','target':1,'text':'b'");
    frame("bob", "'type':'react','target':1,'emoji':'x','on':true");
    frame("eve", "'type':'react','target':1,'emoji':'x','on':true");
    frame("eve", "'type':'react','target':1,'emoji':'x','on':false");
    frame("ann", "'type':'edit','target':2,'deleted':true");
    frame("ann", "'type':'delete','target':2");
    assertEquals(NONE, states());
  }

  @Test
  void anEditThatDidNotTakeEffectIsBroken() {
    message("ann", ",'text':'a'");
    frame("ann", "'type':'edit','target':1,'text':'b'");
    assertEquals(STATE, states());
  }

  @Test
  void anOlderEditThatWonIsBroken() {
    message("ann", ",'text':'a','edited':5");
    frame("ann", "'type':'edit','target':1,'text':'a'");
    frame("ann", "'type':'edit','target':1,'text':'b'");
    assertEquals(STATE, states());
  }

  @Test
  void aChangeThatIsNotInTheLogIsBroken() {
    message("ann", ",'text':'a','edited':5");
    message("ann", ",'deleted':true");
    message("ann", ",'text':'c','reactions':{'x':['bob']}");
    assertEquals(
        List.of(Violation.Kind.STATE, Violation.Kind.STATE, Violation.Kind.STATE), states());
  }

  @Test
  void aDeletedMessageWithItsWordsIsBroken() {
    message("ann", ",'text':'a','deleted':true");
    frame("ann", "'type':'delete','target':1");
    assertEquals(STATE, states());
  }

  @Test
  void anEditThatKeptTheWordsOfADeletedMessageIsBroken() {
    message("ann", ",'deleted':true");
    frame("ann", "'type':'edit','target':1,'text':'words'");
    frame("ann", "'type':'delete','target':1");
    assertEquals(STATE, states());
  }

  @Test
  void aReactionThatIsMissingOrWasTakenBackIsBroken() {
    message("ann", ",'text':'a'");
    message("ann", ",'text':'b','reactions':{'x':['bob']}");
    frame("bob", "'type':'react','target':1,'emoji':'x','on':true");
    frame("bob", "'type':'react','target':2,'emoji':'x','on':true");
    frame("bob", "'type':'react','target':2,'emoji':'x','on':false");
    assertEquals(List.of(Violation.Kind.STATE, Violation.Kind.STATE), states());
  }

  @Test
  void aChangeOfADeletedMessageIsBroken() {
    message("ann", ",'deleted':true");
    frame("ann", "'type':'delete','target':1");
    frame("bob", "'type':'react','target':1,'emoji':'x','on':true");
    assertEquals(STATE, states());
  }

  @Test
  void aRefusalNeedsADeletedMessage() {
    message("ann", ",'text':'there'");
    message("ann", ",'deleted':true");
    List<Sent> sent = new ArrayList<>();
    for (long target = 1; target <= 2; target++) {
      Sent react = new Sent((int) target, 1, ROOM, "k", Sent.Kind.REACT, target, 0);
      react.refused = "no_such_message";
      sent.add(react);
    }
    assertEquals(
        List.of(Violation.Kind.UNEXPECTED),
        kinds(new StateCheck().refusals(sent, Map.of(ROOM, log(ROOM)))));
  }

  private static Track track(String room, long... marks) {
    Track track = new Track(1, room);
    track.add(new Seen.Joined(0, null, null, new Position("e", 0), 1, new Indexes()));
    for (long mark : marks) {
      track.reads.add(new Track.Read(0, track.seen.size(), "bob", mark));
    }
    return track;
  }

  @Test
  void marksThatGoForwardAreRightAndOthersAreBroken() {
    assertEquals(NONE, kinds(new StateCheck().marks(List.of(track(ROOM, 1, 3, 6)))));
    assertEquals(MARK, kinds(new StateCheck().marks(List.of(track(ROOM, 1, 6, 3)))));
    assertEquals(MARK, kinds(new StateCheck().marks(List.of(track(ROOM, 1, 1)))));
    Track away = track(ROOM, 6);
    away.add(new Seen.Away(0, 1006));
    away.reads.add(new Track.Read(0, away.seen.size(), "bob", 3));
    assertEquals(NONE, kinds(new StateCheck().marks(List.of(away))));
  }

  private List<Violation.Kind> unread(Track track) {
    boolean conversation = Directs.is(track.room);
    List<Track> tracks = List.of(track);
    Person person =
        new Person(
            "ann",
            false,
            List.of(),
            conversation ? List.of() : tracks,
            conversation ? tracks : List.of());
    return kinds(new StateCheck().unread(List.of(person), Map.of(track.room, log(track.room))));
  }

  @Test
  void whatIsUnreadAreTheMessagesAboveTheMark() {
    message("bob", "");
    message("ann", "");
    message("bob", "");
    frame("bob", "'type':'react','target':1,'emoji':'x','on':true");
    message("bob", ",'deleted':true");
    Track track = track(ROOM);
    track.unread = 2L;
    assertEquals(NONE, unread(track), "from her own message on");
    track.unread = 3L;
    assertEquals(MARK, unread(track));
    track.read = 3;
    assertEquals(MARK, unread(track));
    track.unread = 1L;
    assertEquals(NONE, unread(track));
    track.unread = null;
    assertEquals(MARK, unread(track));
  }

  @Test
  void aRoomWithoutAMarkHasNothingUnread() {
    message("bob", "");
    Track track = track(ROOM);
    assertEquals(NONE, unread(track));
    track.unread = 0L;
    assertEquals(MARK, unread(track));
  }

  @Test
  void aConversationThatIsNotListedAsItIsIsBroken() {
    message("bob", "");
    Track track = track(DM);
    track.unread = 1L;
    track.listedAt = new Position("e", 1);
    assertEquals(NONE, unread(track));
    track.listedAt = null;
    assertEquals(LOST, unread(track));
    track.listedAt = new Position("e", 1);
    track.unread = 0L;
    assertEquals(MARK, unread(track));
  }

  private static List<Violation.Kind> conversation(Track track, List<Sent> sent, int... log) {
    RoomLog all = new RoomLog(DM, new Position("e", log.length), 1, Indexes.of(log));
    return kinds(new Checker(sent, false).check(List.of(track), Map.of(DM, all)));
  }

  private static List<Sent> directs(int count) {
    List<Sent> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Sent sent = new Sent(i, 1, DM, "k" + i, Sent.Kind.DIRECT, 0, 0);
      sent.attempts = 1;
      sent.connection = 1;
      sent.sentAt = 10L + i;
      sent.acked = new Position("e", i + 1);
      all.add(sent);
    }
    return all;
  }

  @Test
  void aConversationIsToldFromAnyPlaceOnButWithoutAHole() {
    List<Sent> sent = directs(4);
    Track track = new Track(1, DM);
    track.add(new Seen.Hears(11));
    track.frame(0, new Position("e", 3), 2);
    track.frame(0, new Position("e", 4), 3);
    assertEquals(NONE, conversation(track, sent, 0, 1, 2, 3));
    Track hole = new Track(1, DM);
    hole.add(new Seen.Hears(11));
    hole.frame(0, new Position("e", 2), 1);
    hole.frame(0, new Position("e", 4), 3);
    assertEquals(
        List.of(Violation.Kind.HOLE, Violation.Kind.LOST), conversation(hole, sent, 0, 1, 2, 3));
  }

  @Test
  void aConversationGoesOnInANewEpochWithoutAGapUntilItIsJoined() {
    List<Sent> sent = directs(2);
    Track track = new Track(1, DM);
    track.add(new Seen.Hears(0));
    track.frame(0, new Position("old", 1), 0);
    track.frame(0, new Position("e", 2), 1);
    assertEquals(NONE, conversation(track, sent, 0, 1));
    Track joined = new Track(1, DM);
    joined.add(new Seen.Hears(0));
    joined.add(new Seen.Joined(0, null, null, new Position("old", 1), 1, Indexes.of(0)));
    joined.frame(0, new Position("e", 2), 1);
    assertEquals(List.of(Violation.Kind.EPOCH), conversation(joined, sent, 0, 1));
  }

  @Test
  void whatWasSentWhileSomebodyCouldHearAndWasNotToldIsLost() {
    Track track = new Track(1, DM);
    track.add(new Seen.Hears(10));
    assertEquals(NONE, conversation(track, directs(1), 0), "sent before");
    assertEquals(LOST, conversation(track, directs(2), 0, 1));
  }

  @Test
  void aDirectMessageToldTwiceIsBroken() {
    Track track = new Track(1, DM);
    track.add(new Seen.Hears(0));
    track.frame(0, new Position("e", 1), 0);
    track.frame(0, new Position("e", 1), 0);
    assertEquals(List.of(Violation.Kind.DOUBLED), conversation(track, directs(1), 0));
  }

  @Test
  void theEditOfADeletedMessageIsInTheLogWithoutItsText() {
    Sent edit = new Sent(0, 1, DM, "k", Sent.Kind.EDIT, 1, 0);
    edit.attempts = 1;
    edit.acked = new Position("e", 1);
    Track away = new Track(1, DM);
    assertEquals(NONE, conversation(away, List.of(edit), Messages.UNNAMED));
    assertEquals(
        List.of(Violation.Kind.PHANTOM, Violation.Kind.LOST),
        conversation(away, List.of(edit), Messages.NOBODYS));
  }
}
