package dev.roomcast.examples.load;

import java.io.PrintStream;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * Puts load or faults on Roomcast servers, and judges what the clients saw.
 *
 * <p>Exit codes: 0 everything kept, 1 a promise broken, 2 bad options, 3 could not run. Immutable.
 */
@Command(
    name = "roomcast-load",
    mixinStandardHelpOptions = true,
    description = "Load and chaos for Roomcast servers.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every promise was kept",
      "1:a promise was broken",
      "2:bad options",
      "3:could not run"
    })
public final class Load {

  static final int KEPT = 0;
  static final int BROKEN = 1;
  static final int BAD_OPTIONS = 2;
  static final int COULD_NOT_RUN = 3;

  Load() {}

  /** Runs the tool. */
  public static void main(String[] args) {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    System.exit(run(System.out, System.err, args));
  }

  /** Runs the tool and returns the exit code. */
  static int run(PrintStream out, PrintStream err, String... args) {
    CommandLine line = new CommandLine(new Load());
    line.addSubcommand(new RunCommand(out, err));
    line.addSubcommand(new ChaosCommand(out, err));
    line.addSubcommand(new RollCommand(out, err));
    line.addSubcommand(new TopologyCommand(out, err));
    line.addSubcommand(new MastersCommand(out, err));
    line.addSubcommand(new HostileCommand(out, err));
    line.addSubcommand(new AttackCommand(out));
    line.addSubcommand(new SoakCommand(out, err));
    line.addSubcommand(new ReplayCommand(out));
    line.setParameterExceptionHandler(
        (problem, arguments) -> {
          err.println("roomcast-load: " + problem.getMessage() + " (--help tells the options)");
          return BAD_OPTIONS;
        });
    line.setExecutionExceptionHandler(
        (problem, command, parsed) -> {
          err.println("roomcast-load: " + problem.getMessage());
          return COULD_NOT_RUN;
        });
    if (args.length == 0) {
      line.usage(err);
      return BAD_OPTIONS;
    }
    return line.execute(args);
  }
}
