package dev.roomcast.tyrus;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client offers of {@code permessage-deflate} (RFC 7692, section 7.1), and the answer.
 *
 * <p>Neither side keeps anything between messages: the server, so that one compressed message is
 * good for everybody; the client, so that a connection has no window here. Stateless.
 */
final class DeflateOffers {

  private static final String NAME = "permessage-deflate";
  private static final String ANSWER =
      NAME + "; server_no_context_takeover; client_no_context_takeover";
  private static final String SERVER_BITS = "server_max_window_bits";
  private static final String CLIENT_BITS = "client_max_window_bits";
  private static final String BITS = "[89]|1[0-5]";

  private DeflateOffers() {}

  /**
   * Returns the answer to the first offer that can be accepted, null when there is none.
   *
   * @param header {@code Sec-WebSocket-Extensions}, several joined by commas
   */
  static @Nullable String accept(@Nullable String header) {
    if (header == null) {
      return null;
    }
    for (String offer : header.split(",")) {
      String[] parts = offer.split(";", -1);
      if (parts[0].strip().equals(NAME)) {
        Map<String, String> parameters = parameters(parts);
        if (parameters != null && fits(parameters)) {
          String bits = parameters.get(SERVER_BITS);
          return bits == null ? ANSWER : ANSWER + "; " + SERVER_BITS + "=" + bits;
        }
      }
    }
    return null;
  }

  /** Null when one is there twice. */
  private static @Nullable Map<String, String> parameters(String[] parts) {
    Map<String, String> parameters = new HashMap<>();
    for (int i = 1; i < parts.length; i++) {
      String[] pair = parts[i].split("=", 2);
      String value = pair.length == 1 ? "" : pair[1].strip().replaceFirst("^\"(.*)\"$", "$1");
      String name = pair[0].strip().toLowerCase(Locale.ROOT);
      if (parameters.put(name, pair.length == 1 ? "" : value.isEmpty() ? "?" : value) != null) {
        return null;
      }
    }
    return parameters;
  }

  private static boolean fits(Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .allMatch(
            parameter -> {
              String value = parameter.getValue();
              return switch (parameter.getKey()) {
                case "server_no_context_takeover", "client_no_context_takeover" -> value.isEmpty();
                // Java's Deflater has a window of 15 bits, and no other.
                case SERVER_BITS -> value.equals("15");
                case CLIENT_BITS -> value.isEmpty() || value.matches(BITS);
                default -> false;
              };
            });
  }
}
