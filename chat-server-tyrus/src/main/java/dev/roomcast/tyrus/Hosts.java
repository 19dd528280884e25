package dev.roomcast.tyrus;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The names under which a server may be asked. A page of a stranger whose name was made to point to
 * this machine (DNS rebinding) is of the same origin as what it asks; only the name gives it away.
 *
 * <p>Immutable.
 */
final class Hosts {

  /** Whatever the name: for servers that the world may reach anyway, and other containers. */
  static final Hosts ANY = new Hosts(true, false, Set.of());

  private static final Pattern THIS_MACHINE =
      Pattern.compile("localhost|.+\\.localhost|127(\\.[0-9]{1,3}){3}|\\[::1]");
  private static final Pattern PORT = Pattern.compile(":[0-9]*$");

  private final boolean any;
  private final boolean loopback;
  private final Set<String> names;

  private Hosts(boolean any, boolean loopback, Set<String> names) {
    this.any = any;
    this.loopback = loopback;
    this.names = names;
  }

  /**
   * The names of a server at this address: those given, and when only this machine can reach it,
   * the names of this machine; when neither is the case, any.
   */
  static Hosts of(String address, Set<String> allowed) {
    return of(isLoopback(address), allowed);
  }

  /** These names, or any when there are none: of a server whose address is not known. */
  static Hosts of(Set<String> allowed) {
    return of(false, allowed);
  }

  private static Hosts of(boolean loopback, Set<String> allowed) {
    Set<String> names = new HashSet<>();
    allowed.forEach(name -> names.add(plain(name)));
    return !loopback && names.isEmpty() ? ANY : new Hosts(false, loopback, Set.copyOf(names));
  }

  private static boolean isLoopback(String address) {
    try {
      return InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false; // it cannot be bound either, and that tells what is wrong
    }
  }

  boolean allows(@Nullable String host) {
    if (any) {
      return true;
    } else if (host == null) {
      return false;
    }
    String name = plain(host);
    return names.contains(name) || loopback && THIS_MACHINE.matcher(name).matches();
  }

  /** Without the port and the dot of the root, in small letters. */
  private static String plain(String host) {
    String name = PORT.matcher(host.strip().toLowerCase(Locale.ROOT)).replaceFirst("");
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }
}
