package dev.roomcast.examples.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Plays an exported log into a server. Confined to one thread. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description =
        "Plays a file of /api/rooms/{room}/export into a server, each user on a connection of "
            + "its own, in the order of the log.")
final class ReplayCommand implements Callable<Integer> {

  @Parameters(paramLabel = "FILE", description = "frames as JSON lines")
  private Path file = Path.of("");

  @Option(
      names = "--url",
      paramLabel = "URL",
      required = true,
      description = "the server, ws://127.0.0.1:5000/chat")
  private URI url = URI.create("");

  @Option(
      names = "--room",
      paramLabel = "ROOM",
      description = "play into this room instead of the frames' own")
  private @Nullable String room;

  @Option(
      names = "--speed",
      paramLabel = "X",
      description = "so many times as fast as it was, 0 for as fast as it goes; ${DEFAULT-VALUE}")
  private double speed = 1;

  @Option(names = "--allow-remote", description = "a server that is not on this machine, too")
  private boolean remote;

  @Mixin private Options options = new Options();

  private final PrintStream out;

  ReplayCommand(PrintStream out) {
    this.out = out;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    options.server(url, remote);
    if (!(speed >= 0)) {
      throw options.bad("--speed: 0 or more expected");
    }
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8);
        Replay replay = new Replay(url, room, speed)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank()) {
          replay.play(line);
        }
      }
      replay.print(out);
      return replay.refused() == 0 ? Load.KEPT : Load.BROKEN;
    }
  }
}
