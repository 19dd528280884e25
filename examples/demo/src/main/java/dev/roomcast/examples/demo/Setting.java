package dev.roomcast.examples.demo;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The demo's options: the one table behind the command line, {@code --help}, the variables and the
 * keys of a {@code --config} file. The limits have a table of their own, {@link LimitSettings}.
 * Immutable.
 */
enum Setting {
  HOST(Group.ADDRESS, "ADDRESS", "127.0.0.1", "address to bind"),
  PORT(Group.ADDRESS, "N", "5000", "port, 0 for a free one"),
  ALLOW_ORIGIN(
      Group.ADDRESS,
      "ORIGIN",
      null,
      "one more origin whose pages may connect, as in https://shop.example; may be repeated"),
  TRUSTED_PROXY(
      Group.ADDRESS,
      "CIDR",
      null,
      "believe this proxy, as in 10.0.0.0/8, where a client is (Forwarded, X-Forwarded-For); may be"
          + " repeated"),

  ALLOW_HOST(
      Group.ADDRESS,
      "NAME",
      null,
      "one more name that clients may use for this server, as in chat.shop.example; may be "
          + "repeated. Without it: this machine's names on a loopback address, else any"),
  TLS_CERT(
      Group.ADDRESS,
      "FILE",
      null,
      "speak TLS (https, wss) with this certificate and those up to its root, in PEM; files that "
          + "change are read again"),
  TLS_KEY(Group.ADDRESS, "FILE", null, "the private key of --tls-cert, in PEM without a password"),
  COMPRESSION(
      Group.ADDRESS,
      "WHAT",
      "off",
      "on or off: compress messages for clients that offer permessage-deflate, as browsers do"),

  JWT_SECRET_FILE(
      Group.ACCESS,
      "FILE",
      null,
      "let in who has a JWT signed with the secret in this file (HS256, 32 bytes or more); without "
          + "it, --jwt-key-file and --jwks everybody is a guest by name"),
  JWT_KEY_FILE(
      Group.ACCESS,
      "FILE",
      null,
      "let in who has a JWT signed with the private part of a key in this file: public keys or "
          + "certificates in PEM (RSA, P-256, P-384, P-521, Ed25519)"),
  JWKS(
      Group.ACCESS, "URL", null, "let in who has a JWT signed with a key of this JSON Web Key Set"),
  JWT_ISSUER(Group.ACCESS, "TEXT", null, "let in JWTs with this iss only"),
  JWT_AUDIENCE(Group.ACCESS, "TEXT", null, "let in JWTs with this aud only"),
  MODERATOR(
      Group.ACCESS,
      "USER",
      null,
      "the id of a user who moderates every room and sees every private one; may be repeated"),
  API_KEY_FILE(
      Group.ACCESS,
      "FILE",
      null,
      "turn the writing HTTP API on for who has a key of this file: a key, or sha256: and its "
          + "digest in hex, a line"),

  REDIS(
      Group.PROCESSES,
      "URL",
      null,
      "share state through this Redis: redis://host:port, rediss://, redis-sentinel://h1,h2/master,"
          + " unix:///path; REDIS_URL does the same"),
  NAMESPACE(
      Group.PROCESSES,
      "NAME",
      "dev:roomcast",
      "env:service[:tenant], the beginning of all keys in Redis"),
  WORKERS(
      Group.PROCESSES,
      "N",
      "1",
      "so many processes on the port; they bring a Redis if there is no --redis"),
  DATA(
      Group.PROCESSES,
      "FOLDER",
      "~/.roomcast/redis",
      "where the Redis that the workers bring keeps its data"),

  REHEARSE(
      Group.OPERATION,
      "TIME",
      "3s",
      "before it listens, serve clients of its own for so long at most, as in 500ms or 3s, so that "
          + "the first real ones find a warm server; 0 for not at all"),
  METRICS(
      Group.OPERATION,
      "WHAT",
      null,
      "figures for Prometheus at /metrics: off, on, or rooms for the names of the busiest rooms"
          + " too; without it on where only this machine can read them, else off"),
  LOG(Group.OPERATION, "FORMAT", "text", "text or json: how the log looks, on stderr"),
  CONFIG(
      Group.OPERATION,
      "FILE",
      null,
      "all of these and the limits below, as properties: port=5000, limits.frame-bytes=32KiB; or by"
          + " variables: ROOMCAST_PORT, ROOMCAST_LIMITS_FRAME_BYTES. The command line wins over"
          + " variables, and those over the file");

  private final Group group;
  private final String label;
  private final @Nullable String otherwise;
  private final String description;

  Setting(Group group, String label, @Nullable String otherwise, String description) {
    this.group = group;
    this.label = label;
    this.otherwise = otherwise;
    this.description = description;
  }

  /** What belongs together in the help. */
  enum Group {
    ADDRESS("Where it listens"),
    ACCESS("Who may connect"),
    PROCESSES("Several processes"),
    OPERATION("Operation");

    private final String heading;

    Group(String heading) {
      this.heading = heading;
    }

    String heading() {
      return heading;
    }
  }

  /** Its key in a file, for example {@code allow-origin}. */
  String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Its name on the command line. */
  String option() {
    return "--" + key();
  }

  /** Whether it may be given more than once; in files and variables with commas between. */
  boolean isList() {
    return this == ALLOW_ORIGIN || this == ALLOW_HOST || this == TRUSTED_PROXY || this == MODERATOR;
  }

  Group group() {
    return group;
  }

  String label() {
    return label;
  }

  /** What it is when nobody says; null for nothing. */
  @Nullable String otherwise() {
    return otherwise;
  }

  String description() {
    return otherwise == null ? description : description + " (" + otherwise + ")";
  }
}
