package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.Json;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.BiConsumer;

/** Writes errors as {@code application/problem+json} (RFC 9457). Stateless. */
final class Problems {

  static final String MEDIA_TYPE = "application/problem+json";

  private Problems() {}

  static byte[] json(ChatException problem) {
    return json(problem.code().httpStatus(), problem);
  }

  static byte[] json(int status, ChatException problem) {
    String text =
        "{\"type\":\"about:blank\",\"title\":"
            + Json.value(problem.code().wire())
            + ",\"status\":"
            + status
            + ",\"code\":"
            + Json.value(problem.code().wire())
            + ",\"detail\":"
            + Json.value(Objects.requireNonNullElse(problem.getMessage(), ""))
            + "}";
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Gives the headers that go with it, beside the media type. */
  static void headers(ChatException problem, BiConsumer<String, String> set) {
    set.accept("Cache-Control", "no-store");
    set.accept("X-Content-Type-Options", "nosniff");
    if (problem.code() == ErrorCode.UNAUTHORIZED) {
      set.accept("WWW-Authenticate", "Bearer");
    }
    if (problem.code() == ErrorCode.UNAVAILABLE || !problem.retryAfter().isZero()) {
      set.accept("Retry-After", retryAfterSeconds(problem));
    }
  }

  /** The answer to an upgrade request that leads nowhere. */
  static ChatException noSocketHere(String path) {
    return new ChatException(ErrorCode.NO_SUCH_ROOM, "no WebSocket here: try " + path);
  }

  static String retryAfterSeconds(ChatException problem) {
    return Long.toString(Math.max(1, problem.retryAfter().toSeconds()));
  }
}
