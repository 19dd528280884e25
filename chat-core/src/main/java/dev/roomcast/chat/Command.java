package dev.roomcast.chat;

import com.google.gson.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks for: one record per type of the protocol's "Client to server", with its fields
 * checked.
 *
 * <p>Immutable.
 */
sealed interface Command {

  /**
   * The client's {@code id} as JSON text, to be given back as {@code re}; null when it gave none.
   */
  @Nullable Json id();

  /**
   * Whether it may be on its way to the backend together with its neighbours; the others wait until
   * everything before them is done.
   */
  default boolean pipelined() {
    return false;
  }

  /** As how many commands it counts towards the limits: as one, and for what it reads as more. */
  default int weight() {
    return 1;
  }

  /** One for each hundred entries that are read, begun ones included. */
  private static int weightOf(int limit) {
    return Math.max(1, (limit + 99) / 100);
  }

  record Join(@Nullable Json id, String room, @Nullable Position since, int history)
      implements Command {
    @Override
    public int weight() {
      return weightOf(history);
    }
  }

  record Leave(@Nullable Json id, String room) implements Command {}

  record Message(
      @Nullable Json id,
      String room,
      String text,
      @Nullable String key,
      String kind,
      long replyTo,
      @Nullable Json data)
      implements Command {
    @Override
    public boolean pipelined() {
      return true;
    }

    /** Returns the message with what the application made of it. */
    Message with(MessageHook.Content content) {
      return new Message(id, room, content.text(), key, kind, replyTo, content.data());
    }
  }

  record Event(
      @Nullable Json id,
      String room,
      String name,
      Json data,
      @Nullable String key,
      boolean ephemeral)
      implements Command {
    @Override
    public boolean pipelined() {
      return true;
    }
  }

  record Edit(@Nullable Json id, String room, long target, String text) implements Command {}

  record Delete(@Nullable Json id, String room, long target) implements Command {}

  record React(@Nullable Json id, String room, long target, String emoji, boolean on)
      implements Command {}

  record Direct(
      @Nullable Json id, String to, String text, @Nullable String key, @Nullable Json data)
      implements Command {}

  record Conversations(@Nullable Json id, String after, int limit) implements Command {
    @Override
    public int weight() {
      return weightOf(limit);
    }
  }

  record Block(@Nullable Json id, String user, boolean on) implements Command {}

  record Read(@Nullable Json id, String room, long offset) implements Command {}

  record Typing(@Nullable Json id, String room, boolean active) implements Command {}

  record ReadHistory(@Nullable Json id, String room, HistoryQuery query) implements Command {
    @Override
    public int weight() {
      return weightOf(query.limit());
    }
  }

  record Members(@Nullable Json id, String room, String after, int limit) implements Command {
    @Override
    public int weight() {
      return weightOf(limit);
    }
  }

  record Rooms(@Nullable Json id, String prefix, String after, int limit) implements Command {
    @Override
    public int weight() {
      return weightOf(limit);
    }
  }

  /** Something done to a room, or to others in it. */
  record Manage(@Nullable Json id, String room, RoomAction action) implements Command {}

  record Ping(@Nullable Json id, @Nullable Json ts) implements Command {}

  record Auth(@Nullable Json id, String token) implements Command {
    /** Without the token: it is a secret. */
    @Override
    public String toString() {
      return "Auth[id=" + id + "]";
    }
  }

  /** A frame that the application's interceptor sees before it is read. */
  record Intercepted(@Nullable Json id, JsonObject frame) implements Command {}

  /** A frame that could not be read: its answer waits in line like any other. */
  record Invalid(@Nullable Json id, ChatException problem) implements Command {}
}
