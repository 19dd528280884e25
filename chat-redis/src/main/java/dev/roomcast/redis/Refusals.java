package dev.roomcast.redis;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisDataException;

/** What errors of Redis mean for us. Stateless. */
final class Refusals {

  /** This server does not take commands, or not ours: another connection may lead to a better. */
  private static final Set<String> OF_SERVER =
      Set.of("READONLY", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "MOVED", "ASK", "NOAUTH");

  /** A member of a cluster does not have the slot, or not now; it has others. */
  private static final Set<String> OF_SLOT = Set.of("CLUSTERDOWN", "MOVED", "ASK", "TRYAGAIN");

  /** The same command may well succeed a moment later. */
  private static final Set<String> PASSING = Set.of("BUSY", "TRYAGAIN", "UNBLOCKED", "NOREPLICAS");

  /** Before Redis 7, an error of a command in a script is in the middle of the script's error. */
  private static final Pattern IN_SCRIPT =
      Pattern.compile("^ERR Error running script.*: -?([A-Z]{2,}) ");

  private Refusals() {}

  /** The same failure as the interfaces of a backend tell it. */
  static ChatException toChatException(JedisDataException error) {
    return new ChatException(
        ErrorCode.UNAVAILABLE, "the store refused the command (" + code(error) + ")", error);
  }

  static boolean isUnknownScript(Throwable failure) {
    return code(ChatException.of(failure).getCause()).equals("NOSCRIPT");
  }

  static boolean isOfServer(JedisDataException error) {
    return OF_SERVER.contains(code(error));
  }

  static boolean isOfSlot(Throwable failure) {
    return OF_SLOT.contains(
        code(
            failure instanceof JedisDataException
                ? failure
                : ChatException.of(failure).getCause()));
  }

  /**
   * Whether a command that ended so may be sent again: nobody knows if it was done, or it was not.
   */
  static boolean isPassing(Throwable failure) {
    ChatException chat = ChatException.of(failure);
    if (chat.code() != ErrorCode.UNAVAILABLE) {
      return false;
    }
    if (!(chat.getCause() instanceof JedisDataException error)) {
      return true;
    }
    if (error instanceof Replicas.TooFew few) {
      return !few.isLasting();
    }
    return OF_SERVER.contains(code(error)) || PASSING.contains(code(error));
  }

  /** One line about a failure, safe for a log. */
  static String describe(Throwable failure) {
    Throwable cause = failure.getCause();
    String text = failure + (cause == null ? "" : ", " + cause);
    StringBuilder safe = new StringBuilder();
    text.codePoints()
        .limit(300)
        .forEach(c -> safe.appendCodePoint(Character.isISOControl(c) ? '?' : c));
    return safe.toString();
  }

  static boolean isOfPermissions(Throwable failure) {
    return code(ChatException.of(failure).getCause()).equals("NOPERM");
  }

  /** What to do about it, for people who run the server. */
  static String advice(Throwable failure) {
    return switch (code(
        failure instanceof JedisDataException ? failure : ChatException.of(failure).getCause())) {
      case "OOM" -> "Redis is out of memory: raise maxmemory, or keep less history";
      case "MISCONF" -> "Redis cannot save to disk: free some space, or see its own log";
      case "WRONGTYPE" -> "a key is not ours: another application uses this namespace";
      case "NOPERM" ->
          "the Redis user may not do this. What it needs is in ACL.md; what it lacks is logged when"
              + " a node starts";
      case "TOOFEW" ->
          "they are in the log, and are sent again safely with the same key. See INFO replication"
              + " of Redis: are there as many replicas as wait-replicas says, and do they keep up?";
      case "NOREPLICAS" -> "Redis wants more replicas before it takes writes";
      case "WRONGPASS" ->
          "the user or the password is wrong: compare the URL, or the file with the password, with"
              + " ACL LIST of Redis";
      case "NOAUTH" -> "Redis wants a password: redis://user:password@host, or password-file=FILE";
      case "READONLY" -> "this server is a replica: give the master's address, or the Sentinels'";
      case "LOADING" -> "Redis reads its data; it answers when it is done";
      default -> "see the log of Redis";
    };
  }

  /** The first word of an error of Redis, empty for anything else. */
  private static String code(@Nullable Throwable error) {
    if (!(error instanceof JedisDataException) || error.getMessage() == null) {
      return "";
    }
    String message = error.getMessage();
    Matcher inScript = IN_SCRIPT.matcher(message);
    if (inScript.find()) {
      return inScript.group(1);
    }
    if (message.contains("The user executing the script can't")) {
      return "NOPERM"; // Redis 7.0 calls it ERR in a script, 6.2 and 7.2 do not
    }
    int space = message.indexOf(' ');
    return space < 0 ? message : message.substring(0, space);
  }
}
