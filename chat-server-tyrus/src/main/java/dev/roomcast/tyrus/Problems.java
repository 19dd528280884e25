package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.Json;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

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

  static String retryAfterSeconds(ChatException problem) {
    return Long.toString(Math.max(1, problem.retryAfter().toSeconds()));
  }
}
