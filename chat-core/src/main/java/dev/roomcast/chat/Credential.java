package dev.roomcast.chat;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What somebody is let in by: who it is, and until when that is sure.
 *
 * <p>Immutable.
 *
 * @param user who it is
 * @param expires when the connection is closed, with 4001, unless the client renews it by {@code
 *     auth} before; null for never
 */
public record Credential(User user, @Nullable Instant expires) {

  /** Checks that there is a user. */
  public Credential {
    Objects.requireNonNull(user, "user");
  }

  /** Returns itself, or throws {@code unauthorized} when it has expired by {@code now}. */
  Credential checkedAt(long now) {
    if (expires != null && expires.toEpochMilli() <= now) {
      throw new ChatException(ErrorCode.UNAUTHORIZED, "token: expired");
    }
    return this;
  }
}
