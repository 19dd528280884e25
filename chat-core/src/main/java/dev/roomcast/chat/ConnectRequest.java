package dev.roomcast.chat;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A client's wish to connect, before the upgrade, free of any container.
 *
 * <p>Its {@code toString} has no credentials. Immutable.
 *
 * @param query the parameters of the query string, decoded; the first value of each
 * @param bearerToken the credential: from {@code Authorization: Bearer}, else the query's {@code
 *     token}, else the subprotocol {@code bearer.T}; null when there is none
 * @param room the room in the path, decoded, to be joined at once; null when there is none
 * @param remoteAddress the client's address, for logs and limits
 * @param sessionUser whose session the request's valid resume secret belongs to; null when it has
 *     none. Put there by the node, never by a container or client
 */
public record ConnectRequest(
    Map<String, String> query,
    @Nullable String bearerToken,
    @Nullable String room,
    String remoteAddress,
    @Nullable User sessionUser) {

  /** Copies the query. */
  public ConnectRequest {
    query = Map.copyOf(query);
    Objects.requireNonNull(remoteAddress, "remoteAddress");
  }

  /** Returns a request as a container makes it. */
  public static ConnectRequest of(
      Map<String, String> query,
      @Nullable String bearerToken,
      @Nullable String room,
      String remoteAddress) {
    return new ConnectRequest(query, bearerToken, room, remoteAddress, null);
  }

  /** The first value of a query parameter, or null. */
  public @Nullable String parameter(String name) {
    return query.get(name);
  }

  ConnectRequest of(User user) {
    return new ConnectRequest(query, bearerToken, room, remoteAddress, user);
  }

  /** Names the address and the room; credentials stay out of logs. */
  @Override
  public String toString() {
    return "ConnectRequest[remoteAddress="
        + remoteAddress
        + ", room="
        + (room == null ? "none" : JsonText.quote(room))
        + "]";
  }
}
