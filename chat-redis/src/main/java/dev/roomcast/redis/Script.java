package dev.roomcast.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.args.Rawable;

/** The atomic steps that run inside Redis, as Lua in resource files. Immutable. */
enum Script {
  PUBLISH("common", "log", "inbox", "marks", "publish"),
  MARK_READ("common", "log", "marks", "mark-read"),
  UNREAD("common", "log", "marks", "unread"),
  CONVERSATIONS("conversations"),
  CONVERSATION("common", "log", "marks", "conversation"),
  TELL("common", "inbox", "tell"),
  HISTORY("common", "log", "history"),
  RETAIN("common", "log", "retain"),
  DESTROY("destroy"),
  JOIN("common", "members", "join"),
  LEAVE("common", "members", "leave"),
  REAP("common", "members", "reap"),
  USERS("common", "members", "users"),
  ROOM("common", "room"),
  ROOM_CREATE("common", "room-create"),
  ROOM_CHANGE("room-change"),
  ROOM_INVITE("room-invite"),
  ROOM_ROLE("room-role"),
  ROOM_IDLE("common", "room-idle"),
  SANCTION("common", "sanction"),
  SANCTIONS("common", "sanctions"),
  PACE("pace"),
  NOTICE_POST("notice-post"),
  NOTICE_READ("common", "notice-read"),
  SESSION_OPEN("common", "user-index", "session-open"),
  SESSION_ENTER("session-enter"),
  SESSION_TAKE("common", "user-index", "session-take"),
  SESSION_END("common", "user-index", "session-end"),
  USER_SESSIONS("common", "user-sessions"),
  CURSOR_CLAIM("common", "cursor-claim"),
  CURSOR_MOVE("common", "cursor-move"),
  NAME_CLAIM("name-claim"),
  LEASE("common", "lease"),
  PERMISSIONS("common", "permissions"),
  OWNER("owner"),
  NODES("common", "nodes"),
  TOKENS("common", "tokens");

  private final String source;
  private final String sha1;

  /** Scripts have no imports: what they share is put in front. */
  Script(String... files) {
    StringBuilder text = new StringBuilder();
    for (String file : files) {
      text.append(read(file + ".lua")).append('\n');
    }
    source = text.toString();
    sha1 = sha1(source.getBytes(StandardCharsets.UTF_8));
  }

  /** The digest as the function {@code redis.sha1hex} of scripts has it. */
  static String sha1(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-1", e);
    }
  }

  private static String read(String file) {
    try (InputStream in = Script.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks " + file);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The command that runs the script, by its digest or, where that is unknown, by its text. */
  CommandArguments command(boolean known, List<String> keys, Object... values) {
    CommandArguments arguments =
        new CommandArguments(known ? Command.EVALSHA : Command.EVAL)
            .add(known ? sha1 : source)
            .add(keys.size());
    for (String key : keys) {
      arguments.add(key);
    }
    for (Object value : values) {
      if (value instanceof byte[] raw) {
        arguments.add(raw);
      } else if (value instanceof Rawable raw) {
        arguments.add(raw);
      } else {
        arguments.add(value.toString());
      }
    }
    return arguments;
  }

  String source() {
    return source;
  }
}
