package dev.roomcast.examples.load;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.roomcast.chat.Position;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A room that a client wants to be in, or was in: what it has to say there, and what it is told.
 *
 * <p>Confined to the loop's thread.
 */
final class Seat {

  final Track track;

  /** What is not acknowledged yet, in the order sent. */
  final Map<Integer, Sent> unacked = new LinkedHashMap<>();

  /** The place to go on from, while it is not live; null for a fresh start. */
  @Nullable Position since;

  boolean wanted = true;
  boolean live;
  boolean joining;

  /** Up to where it said that it has read. */
  long read;

  /** Whether it was joined at the end, a conversation. */
  boolean claimed;

  /** What may be changed. */
  final Changeable targets = new Changeable();

  private final Messages messages;
  private final Tally tally;

  Seat(int client, String room, Messages messages, Tally tally) {
    this.track = new Track(client, room);
    this.messages = messages;
    this.tally = tally;
  }

  static String string(JsonObject frame, String field) {
    return frame.get(field).getAsString();
  }

  static Position position(JsonObject frame) {
    return new Position(string(frame, "epoch"), frame.get("offset").getAsLong());
  }

  /** Notes that it is a member, with the history it was given. */
  void joined(long now, JsonObject frame) {
    JsonElement recovered = frame.get("recovered");
    if (recovered != null) {
      tally.recovered += recovered.getAsBoolean() ? 1 : 0;
      tally.notRecovered += recovered.getAsBoolean() ? 0 : 1;
    }
    Position at = position(frame);
    JsonArray history = frame.getAsJsonArray("history");
    Indexes indexes = new Indexes();
    long from = at.offset() + 1;
    for (JsonElement element : history) {
      JsonObject one = element.getAsJsonObject();
      long offset = one.get("offset").getAsLong();
      if (indexes.size() == 0) {
        from = offset;
      } else if (offset != from + indexes.size()) {
        tally.odd(track + ": the history has a hole, " + frame);
      }
      indexes.add(messages.indexOf(one));
    }
    Boolean all = recovered == null ? null : recovered.getAsBoolean();
    Position before = since;
    if (before != null) {
      // Offsets go on over a new epoch, so what is above the old position was not given before.
      int size = indexes.size();
      long fresh = Math.min(size, Math.max(0, at.offset() - before.offset()));
      for (int i = size - (int) fresh; i < size; i++) {
        got(now, indexes.get(i));
      }
    }
    track.add(new Seen.Joined(now, since, all, at, from, indexes));
    joining = false;
    live = true;
    track.roster.clear();
    users(frame, "members").forEach(track.roster::put);
    track.count = frame.get("count").getAsLong();
  }

  void message(long now, JsonObject frame) {
    int index = messages.indexOf(frame);
    if (index < 0) {
      tally.odd(track + ": nobody sent " + frame);
    }
    got(now, index);
    targets.seen(frame.get("offset").getAsLong());
    track.frame(now, position(frame), index);
  }

  /** What was due while it was away is as late as any other. */
  private void got(long now, int index) {
    if (index < 0) {
      tally.delivered(now);
    } else {
      tally.delivered(messages.get(index).due, now);
    }
  }

  /** Notes a frame of another kind that is logged. */
  void change(long now, JsonObject frame) {
    int index = messages.indexOf(frame);
    if (index == Messages.NOBODYS) {
      tally.odd(track + ": nobody sent " + frame);
    }
    if (frame.has("kind")) {
      targets.seen(frame.get("offset").getAsLong());
    }
    tally.delivered(now);
    track.frame(now, position(frame), index);
  }

  /** It is told of a conversation from now on, without having joined. */
  void hears(long now) {
    if (!live) {
      track.add(new Seen.Hears(now));
      live = true;
    }
  }

  void read(long now, JsonObject frame) {
    track.reads.add(
        new Track.Read(
            now,
            track.seen.size(),
            string(frame.getAsJsonObject("user"), "id"),
            frame.get("offset").getAsLong()));
  }

  void presence(long now, JsonObject frame) {
    users(frame, "joined").forEach(track.roster::put);
    for (String user : users(frame, "left").keySet()) {
      track.roster.remove(user);
      tally.leaves.add(new Tally.Leave(now, track.room, user, track.client));
    }
    track.count = frame.get("count").getAsLong();
  }

  void gap(long now, JsonObject frame) {
    tally.gaps++;
    track.add(new Seen.Gap(now, position(frame), frame.get("from").getAsLong()));
  }

  private static Map<String, String> users(JsonObject frame, String field) {
    Map<String, String> users = new LinkedHashMap<>();
    if (frame.has(field)) {
      for (JsonElement one : frame.getAsJsonArray(field)) {
        users.put(string(one.getAsJsonObject(), "id"), string(one.getAsJsonObject(), "name"));
      }
    }
    return users;
  }

  void left(long now) {
    track.add(new Seen.Left(now, "left"));
    live = false;
    since = null;
  }

  /** Notes that the connection is over: it goes on from here when it is back. */
  void away(long now, int code) {
    if (live) {
      Position at = track.position();
      since = at == null ? since : at; // a conversation in which nothing was said meanwhile
      live = false;
      track.add(new Seen.Away(now, code));
    }
    joining = false;
  }

  /** Sends no more of what is not acknowledged: nobody will know what became of it. */
  void giveUp(Predicate<Sent> which) {
    for (Sent sent : List.copyOf(unacked.values())) {
      if (which.test(sent)) {
        sent.givenUp = true;
        unacked.remove(sent.index);
      }
    }
  }
}
