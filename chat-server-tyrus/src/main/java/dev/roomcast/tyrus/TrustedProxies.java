package dev.roomcast.tyrus;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The proxies whose word counts for where a client is, and what it calls the server.
 *
 * <p>Each proxy adds the address of who it got the request from to the right of {@code
 * X-Forwarded-For}, or of {@code Forwarded} (RFC 7239), which wins where both are there. What is
 * left of the first address from the right that is no trusted proxy may be made up. Immutable.
 */
final class TrustedProxies {

  static final TrustedProxies NONE = new TrustedProxies(List.of());

  private static final Pattern ADDRESS =
      Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*");
  private static final int MAX_HOPS = 32;

  private final List<Network> networks;

  private record Network(InetAddress first, int bits) {
    boolean has(byte[] other) {
      byte[] address = first.getAddress();
      if (other.length != address.length) {
        return false;
      }
      int whole = bits / 8;
      for (int i = 0; i < whole; i++) {
        if (other[i] != address[i]) {
          return false;
        }
      }
      int mask = 0xff00 >> bits % 8 & 0xff;
      return mask == 0 || (other[whole] & mask) == (address[whole] & mask);
    }
  }

  private TrustedProxies(List<Network> networks) {
    this.networks = networks;
  }

  /**
   * Reads networks, as in {@code 10.0.0.0/8} or {@code 2001:db8::/32}, or single addresses.
   *
   * @throws IllegalArgumentException when one is neither; the message names it
   */
  static TrustedProxies of(Collection<String> cidrs) {
    List<Network> networks = new ArrayList<>();
    for (String cidr : cidrs) {
      int slash = cidr.indexOf('/');
      InetAddress address = parse(slash < 0 ? cidr : cidr.substring(0, slash));
      String bits = slash < 0 ? "" : cidr.substring(slash + 1);
      int most = address == null ? 0 : address.getAddress().length * 8;
      if (address == null
          || slash >= 0 && (!bits.matches("[0-9]{1,3}") || Integer.parseInt(bits) > most)) {
        throw new IllegalArgumentException(
            "a trusted proxy must be like 10.0.0.0/8 or 2001:db8::1, but is " + cidr);
      }
      networks.add(new Network(address, slash < 0 ? most : Integer.parseInt(bits)));
    }
    return networks.isEmpty() ? NONE : new TrustedProxies(List.copyOf(networks));
  }

  private static @Nullable InetAddress parse(String address) {
    if (!ADDRESS.matcher(address).matches()) {
      return null;
    }
    try {
      return InetAddress.getByName(address); // never a name: it is not looked up
    } catch (UnknownHostException e) {
      return null;
    }
  }

  private boolean trusts(String address) {
    InetAddress parsed = parse(address);
    return parsed != null
        && networks.stream().anyMatch(network -> network.has(parsed.getAddress()));
  }

  /** Returns the request as its client sent it, as far as trusted proxies tell. */
  RequestView seen(RequestView request) {
    if (networks.isEmpty() || !trusts(request.remoteAddress())) {
      return request;
    }
    String forwarded = request.header("Forwarded");
    String addresses = request.header("X-Forwarded-For");
    List<String> hops = new ArrayList<>();
    String host;
    if (forwarded != null) {
      String[] elements = forwarded.split(",", -1);
      for (String element : elements) {
        hops.add(address(parameter(element, "for")));
      }
      host = parameter(elements[elements.length - 1], "host");
    } else {
      for (String part : addresses == null ? new String[0] : addresses.split(",", -1)) {
        hops.add(address(part.strip()));
      }
      host = last(request.header("X-Forwarded-Host"));
    }
    return new Seen(request, client(hops, request.remoteAddress()), host);
  }

  /** The first from the right that is no trusted proxy; what is no address cannot be passed. */
  private String client(List<String> hops, String peer) {
    String client = peer;
    for (int i = hops.size() - 1; i >= Math.max(0, hops.size() - MAX_HOPS); i--) {
      if (parse(hops.get(i)) == null) {
        return client;
      }
      client = hops.get(i);
      if (!trusts(client)) {
        return client;
      }
    }
    return client;
  }

  private static @Nullable String last(@Nullable String values) {
    return values == null ? null : values.substring(values.lastIndexOf(',') + 1).strip();
  }

  /** A parameter of one element of {@code Forwarded}; empty when it has none. */
  private static @Nullable String parameter(String element, String name) {
    for (String pair : element.split(";", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0 && pair.substring(0, equals).strip().toLowerCase(Locale.ROOT).equals(name)) {
        String value = pair.substring(equals + 1).strip();
        boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
      }
    }
    return null;
  }

  /** Takes brackets and port off: {@code [2001:db8::1]:4711}, {@code 192.0.2.1:4711}. */
  private static String address(@Nullable String node) {
    if (node == null) {
      return "";
    }
    int end = node.indexOf(']');
    if (node.startsWith("[") && end > 0) {
      return node.substring(1, end);
    }
    int colon = node.indexOf(':');
    return colon >= 0 && colon == node.lastIndexOf(':') ? node.substring(0, colon) : node;
  }

  /** A request behind proxies. As thread-safe as the request itself. */
  private record Seen(RequestView request, String remoteAddress, @Nullable String host)
      implements RequestView {
    @Override
    public @Nullable String header(String name) {
      return host != null && !host.isEmpty() && name.equalsIgnoreCase("Host")
          ? host
          : request.header(name);
    }

    @Override
    public @Nullable String query() {
      return request.query();
    }

    @Override
    public @Nullable String room() {
      return request.room();
    }
  }
}
