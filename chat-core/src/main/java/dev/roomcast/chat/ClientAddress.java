package dev.roomcast.chat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What of a client's address limits go by: an IPv4 address, or the first 64 bits of an IPv6 one,
 * because who has one of those has all the others of its network too. Stateless.
 */
final class ClientAddress {

  private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:]*:[0-9a-fA-F:.]*");
  private static final int NETWORK_BYTES = 8;

  private ClientAddress() {}

  /** Returns null for what is no address: a container that does not tell says {@code unknown}. */
  static @Nullable String key(String address) {
    if (IPV4.matcher(address).matches()) {
      return address;
    }
    int zone = address.indexOf('%');
    String plain = zone < 0 ? address : address.substring(0, zone);
    if (!IPV6.matcher(plain).matches()) {
      return null;
    }
    try {
      // With a colon it is never taken for a name that has to be looked up.
      InetAddress parsed = InetAddress.getByName(plain);
      return parsed instanceof Inet6Address
          ? HexFormat.of().formatHex(parsed.getAddress(), 0, NETWORK_BYTES) + "/64"
          : parsed.getHostAddress();
    } catch (UnknownHostException e) {
      return null;
    }
  }
}
