package dev.roomcast.examples.demo;

import dev.roomcast.chat.Authenticator;
import dev.roomcast.chat.Authorizer;
import dev.roomcast.chat.RoomAccess;
import dev.roomcast.tyrus.ApiKeys;
import dev.roomcast.tyrus.JwtAuthenticator;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who may connect and who may write, as the settings say. Stateless. */
final class Access {

  private Access() {}

  /** Returns null when everybody may, as a guest. */
  static @Nullable Authenticator authenticator(Settings settings) {
    JwtAuthenticator.Builder tokens = tokens(settings);
    String issuer = settings.optional(Setting.JWT_ISSUER);
    String audience = settings.optional(Setting.JWT_AUDIENCE);
    if (tokens == null) {
      if (issuer != null || audience != null) {
        throw settings.bad(
            issuer == null ? Setting.JWT_AUDIENCE : Setting.JWT_ISSUER,
            "only together with --jwt-secret-file, --jwt-key-file or --jwks");
      }
      return null;
    }
    if (issuer != null) {
      tokens.issuer(issuer);
    }
    if (audience != null) {
      tokens.audience(audience);
    }
    return tokens.build();
  }

  /** Private rooms are private, and the moderators that the settings name may do everything. */
  static Authorizer authorizer(Settings settings) {
    RoomAccess.Builder access = RoomAccess.builder();
    settings.list(Setting.MODERATOR).forEach(access::moderator);
    return access.build();
  }

  /** Returns null when there are none: the writing API is off. */
  static @Nullable ApiKeys apiKeys(Settings settings) {
    String file = settings.optional(Setting.API_KEY_FILE);
    if (file == null) {
      return null;
    }
    try {
      return ApiKeys.read(settings.path(Setting.API_KEY_FILE));
    } catch (IOException e) {
      throw settings.bad(Setting.API_KEY_FILE, "a file that can be read", file);
    } catch (IllegalArgumentException e) {
      throw settings.bad(Setting.API_KEY_FILE, String.valueOf(e.getMessage()));
    }
  }

  private static JwtAuthenticator.@Nullable Builder tokens(Settings settings) {
    Setting given = null;
    for (Setting way : List.of(Setting.JWT_SECRET_FILE, Setting.JWT_KEY_FILE, Setting.JWKS)) {
      if (settings.optional(way) != null) {
        if (given != null) {
          throw settings.bad(way, "not together with " + given.option());
        }
        given = way;
      }
    }
    return given == null ? null : given == Setting.JWKS ? jwks(settings) : keyFile(settings, given);
  }

  private static JwtAuthenticator.Builder keyFile(Settings settings, Setting way) {
    Path file = settings.path(way);
    try {
      return way == Setting.JWT_SECRET_FILE
          ? JwtAuthenticator.secretFile(file)
          : JwtAuthenticator.publicKeyFile(file);
    } catch (IOException e) {
      throw settings.bad(way, "a file that can be read", settings.text(way));
    } catch (IllegalArgumentException e) {
      throw settings.bad(way, String.valueOf(e.getMessage()));
    }
  }

  private static JwtAuthenticator.Builder jwks(Settings settings) {
    try {
      return JwtAuthenticator.jwks(URI.create(settings.text(Setting.JWKS)));
    } catch (IllegalArgumentException e) {
      // The exception's message may have the URL, and with it a password.
      throw settings.bad(Setting.JWKS, "a URL with https expected; http on this machine only");
    }
  }
}
