package dev.roomcast.chat;

import java.text.Normalizer;
import java.util.Objects;

/**
 * Who somebody is, as the {@link Authenticator} said.
 *
 * <p>Two users are the same when their ids are the same; the name is for people. Immutable.
 *
 * @param id identity, 1 to 128 bytes of UTF-8 without control characters
 * @param name name to show, 1 to 128 bytes of UTF-8 without control characters; in Unicode's
 *     normalization form C
 */
public record User(String id, String name) {

  /**
   * Checks the values, and normalizes the name.
   *
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} when the id or the name is empty, too
   *     long, or has control, invisible or direction-changing characters or unpaired surrogates
   */
  public User {
    Names.check("user id", Objects.requireNonNull(id, "id"));
    name = Names.check("user name", Normalizer.normalize(name, Normalizer.Form.NFC));
  }
}
