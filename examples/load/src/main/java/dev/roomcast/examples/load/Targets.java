package dev.roomcast.examples.load;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Which servers may be put under load: those on this machine, unless told otherwise. Stateless. */
final class Targets {

  private Targets() {}

  static void check(CommandSpec spec, URI url, boolean remote) {
    if (!"ws".equals(url.getScheme()) || url.getHost() == null || url.getPort() < 1) {
      throw bad(spec, "--url: ws://host:port/chat expected, got " + url);
    }
    try {
      if (!remote && !InetAddress.getByName(url.getHost()).isLoopbackAddress()) {
        throw bad(
            spec,
            "--url: " + url.getHost() + " is not this machine; --allow-remote if you mean it");
      }
    } catch (UnknownHostException e) {
      throw bad(spec, "--url: there is no host " + url.getHost());
    }
  }

  private static ParameterException bad(CommandSpec spec, String problem) {
    return new ParameterException(spec.commandLine(), problem);
  }
}
