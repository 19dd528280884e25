package dev.roomcast.examples.load;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * What every command demands of its options; a command has it as a {@link Mixin}. Confined to the
 * command's thread.
 */
@Command
final class Options {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  void between(String option, long value, long least, long most) {
    if (value < least || value > most) {
      throw bad(option + ": " + least + " to " + most + " expected, got " + value);
    }
  }

  /** Only servers of this machine may be put under load, unless told otherwise. */
  void server(URI url, boolean remote) {
    if (!"ws".equals(url.getScheme()) || url.getHost() == null || url.getPort() < 1) {
      throw bad("--url: ws://host:port/chat expected, got " + url);
    }
    try {
      if (!remote && !InetAddress.getByName(url.getHost()).isLoopbackAddress()) {
        throw bad(
            "--url: " + url.getHost() + " is not this machine; --allow-remote if you mean it");
      }
    } catch (UnknownHostException e) {
      throw bad("--url: there is no host " + url.getHost());
    }
  }

  /** Whoever waits for a run to end should not learn then that its report has no place. */
  void writable(String option, Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw bad(option + ": there is no folder " + folder);
    }
    if (Files.isDirectory(file)) {
      throw bad(option + ": a file expected, but " + file + " is a folder");
    }
    if (!Files.isWritable(Files.exists(file) ? file : folder)) {
      throw bad(option + ": " + file + " cannot be written");
    }
  }

  ParameterException bad(String problem) {
    return new ParameterException(spec.commandLine(), problem);
  }
}
