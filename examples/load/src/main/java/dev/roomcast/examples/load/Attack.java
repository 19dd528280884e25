package dev.roomcast.examples.load;

import java.io.IOException;
import java.util.function.LongSupplier;

/**
 * A way to do harm. Immutable.
 *
 * @param connections how many at a time
 * @param addresses from how many addresses
 * @param again whether whoever is thrown out comes back at once
 * @param request what is sent first: the bytes of an HTTP request, or a part of them
 * @param upgraded what is done when the server has upgraded the connection
 * @param drip sent once a second after the request, empty for nothing
 */
record Attack(
    String name,
    int connections,
    int addresses,
    boolean again,
    Request request,
    Upgraded upgraded,
    String drip) {

  /** Makes a request. */
  interface Request {
    String of(LongSupplier random);
  }

  /** Does something with a WebSocket. */
  interface Upgraded {
    void begin(Attacker attacker) throws IOException;
  }

  static Attack of(String name, int connections, Upgraded upgraded) {
    return new Attack(name, connections, 1, false, random -> upgrade("?name=eve"), upgraded, "");
  }

  static Attack http(String name, int connections, String request, String drip) {
    return new Attack(name, connections, 1, false, random -> request, attacker -> {}, drip);
  }

  /** Connections that come back as soon as they are over. */
  static Attack storm(
      String name, int connections, int addresses, Request request, Upgraded upgraded) {
    return new Attack(name, connections, addresses, true, request, upgraded, "");
  }

  /** An upgrade request as it should be. */
  static String upgrade(String query) {
    return String.join(
        "\r\n",
        "GET /chat" + query + " HTTP/1.1",
        "Host: 127.0.0.1",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==",
        "",
        "");
  }
}
