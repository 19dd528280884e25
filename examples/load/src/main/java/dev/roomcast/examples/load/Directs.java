package dev.roomcast.examples.load;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.roomcast.chat.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The conversations of one client: it gets their frames on every connection without having joined,
 * and at the end lists and joins them all.
 *
 * <p>Confined to the loop's thread.
 */
final class Directs {

  private static final String PREFIX = "dm:";

  private final int client;
  private final Messages messages;
  private final Tally tally;
  private final Map<String, Seat> seats = new TreeMap<>();
  private boolean online;
  private long welcomedAt;

  Directs(int client, Messages messages, Tally tally) {
    this.client = client;
    this.messages = messages;
    this.tally = tally;
  }

  /** The room of two users whose ids are plain. */
  static String room(String one, String two) {
    return PREFIX + (one.compareTo(two) <= 0 ? one + ":" + two : two + ":" + one);
  }

  static boolean is(String room) {
    return room.startsWith(PREFIX);
  }

  /** The other user of a conversation. */
  static String other(String room, String user) {
    String[] users = room.substring(PREFIX.length()).split(":", 2);
    return users[0].equals(user) ? users[1] : users[0];
  }

  Seat seat(String room) {
    return seats.computeIfAbsent(
        room,
        name -> {
          Seat seat = new Seat(client, name, messages, tally);
          if (online) {
            seat.hears(welcomedAt);
          }
          return seat;
        });
  }

  List<Seat> seats() {
    return List.copyOf(seats.values());
  }

  /** From now on it is told. */
  void welcome(long now) {
    online = true;
    welcomedAt = now;
    seats.values().forEach(seat -> seat.hears(now));
  }

  void away(long now, int code) {
    online = false;
    seats.values().forEach(seat -> seat.away(now, code));
  }

  /** Takes a page of the list; returns those to be joined with what it is to be claimed from. */
  void listed(JsonObject frame) {
    for (JsonElement one : frame.getAsJsonArray("conversations")) {
      JsonObject conversation = one.getAsJsonObject();
      Track track = seat(Seat.string(conversation, "room")).track;
      track.unread = conversation.get("unread").getAsLong();
      JsonObject last = conversation.getAsJsonObject("last");
      track.listedAt = last == null ? Position.NONE : Seat.position(last);
    }
  }

  List<Track> tracks() {
    List<Track> tracks = new ArrayList<>();
    seats.values().forEach(seat -> tracks.add(seat.track));
    return tracks;
  }
}
