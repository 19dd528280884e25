package dev.roomcast.chat;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says who a client is, before the connection is upgraded.
 *
 * <pre>{@code
 * Authenticator tokens = request -> users.verify(request.bearerToken());
 * }</pre>
 *
 * <p>Called on the application's executor, so it may block; not longer than {@link
 * Limits#hookTimeout}. Implementations are thread-safe.
 */
@FunctionalInterface
public interface Authenticator {

  /**
   * Returns who this is.
   *
   * @throws ChatException {@link ErrorCode#UNAUTHORIZED} for bad credentials, {@link
   *     ChatException#unrecognized} for none and for those of another kind, {@link
   *     ErrorCode#FORBIDDEN} for a known user who may not connect; anything else thrown gives the
   *     client {@code internal} and the log the cause
   */
  User authenticate(ConnectRequest request);

  /**
   * An authenticator whose credentials expire. It is asked again when a client renews its
   * credential on the live connection: the request then has a bearer token and no query.
   */
  interface Expiring extends Authenticator {

    /** Returns who this is, and until when; throws as {@link Authenticator#authenticate} does. */
    Credential verify(ConnectRequest request);

    @Override
    default User authenticate(ConnectRequest request) {
      return verify(request).user();
    }
  }

  /**
   * Returns an authenticator that asks these, in this order. The first that knows the credential
   * decides, whichever way: one is passed over only when it throws {@link
   * ChatException#unrecognized}, so a bad token is never tried on somebody else. When none knows
   * it, the client gets what the first one said. {@link #guests Guests} in a chain are those who
   * bring no token at all; let no user of the others have an id that begins with {@code guest-}.
   *
   * <pre>{@code
   * Authenticator tokens = request -> users.verify(request.bearerToken());
   * Authenticator both = Authenticator.chain(tokens, Authenticator.guests());
   * }</pre>
   *
   * @throws IllegalArgumentException when there are none
   */
  static Authenticator chain(Authenticator... authenticators) {
    return new AuthenticatorChain(List.of(authenticators));
  }

  /** An authenticator that can also say which users there are, whether they are here or not. */
  interface Directory extends Authenticator {

    /**
     * Returns the user of this id, or null when there is none. Asked before a direct message is
     * logged. Without a directory guests exist while they are here, and all other users always.
     */
    @Nullable User find(String id);
  }

  /**
   * Returns an authenticator that lets everybody in as a guest under the name in the query's {@code
   * name}. Two guests of one name are two users; a guest who resumes stays the same user.
   */
  static Authenticator guests() {
    return new GuestAuthenticator();
  }
}
