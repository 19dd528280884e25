package dev.roomcast.redis;

import dev.roomcast.chat.Ack;
import dev.roomcast.chat.Draft;
import dev.roomcast.chat.Position;
import dev.roomcast.chat.Revision;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Drafts of one room that are logged in one step: what the script is given about them, and what its
 * answer says. Immutable.
 *
 * @param number of the batch, from its publisher
 * @param since when it was made, by {@link System#nanoTime}
 */
record Batch(String room, long number, List<Waiting> drafts, long since) {

  private static final int OVERHEAD = 128;

  /** A draft and who waits for it. */
  record Waiting(
      Draft draft, List<Revision> revisions, int bytes, CompletableFuture<@Nullable Ack> ack) {

    static Waiting of(Draft draft, List<Revision> revisions) {
      int bytes = draft.body().utf8Length() + OVERHEAD;
      for (Revision revision : revisions) {
        bytes += revision.replacement().utf8Length() + OVERHEAD;
      }
      return new Waiting(draft, revisions, bytes, new CompletableFuture<>());
    }
  }

  /** A conversation has the same users in every draft; their names may be known in some only. */
  Map<String, String> audience() {
    Map<String, String> users = new TreeMap<>();
    for (Waiting waiting : drafts) {
      waiting
          .draft()
          .audience()
          .forEach((user, name) -> users.merge(user, name, (a, b) -> b.isEmpty() ? a : b));
    }
    return users;
  }

  /** Adds what the script is told of the drafts, see publish.lua. */
  void addTo(List<Object> values) {
    for (Waiting waiting : drafts) {
      String key = waiting.draft().key();
      values.add(key == null ? "" : key);
      values.add(Announcement.stamp(waiting.draft()));
      values.add(waiting.draft().body().toUtf8());
      String author = waiting.draft().author();
      values.add(author == null ? "" : author);
      values.add(waiting.revisions().size());
      for (Revision revision : waiting.revisions()) {
        values.add(revision.offset());
        values.add(Script.sha1(revision.expected().toUtf8()));
        values.add(revision.replacement().toUtf8());
      }
    }
  }

  /** Reads the script's answer, see publish.lua for its form. */
  List<@Nullable Ack> acks(String answer) {
    String[] parts = answer.split("\\|", 4);
    String epoch = parts[2];
    List<@Nullable Ack> acks = new ArrayList<>(drafts.size());
    if (Character.isDigit(parts[3].charAt(0)) && parts[3].indexOf(',') < 0) {
      long first = Long.parseLong(parts[3]);
      for (int i = 0; i < drafts.size(); i++) {
        acks.add(new Ack(new Position(epoch, first + i), drafts.get(i).draft().ts(), false));
      }
      return acks;
    }
    String[] items = parts[3].split(",");
    for (int i = 0; i < drafts.size(); i++) {
      if (items[i].equals("!")) {
        acks.add(null);
      } else if (items[i].startsWith("=")) {
        String[] old = items[i].substring(1).split(":");
        Position position = new Position(old[0], Long.parseLong(old[1]));
        acks.add(new Ack(position, Announcement.time(old[2]), true));
      } else {
        Position position = new Position(epoch, Long.parseLong(items[i]));
        acks.add(new Ack(position, drafts.get(i).draft().ts(), false));
      }
    }
    return acks;
  }

  /** How much they hold of the memory for what waits. */
  long bytes() {
    long bytes = 0;
    for (Waiting waiting : drafts) {
      bytes += waiting.bytes();
    }
    return bytes;
  }

  void fail(Throwable failure) {
    drafts.forEach(waiting -> waiting.ack().completeExceptionally(failure));
  }
}
