package dev.roomcast.examples.demo;

import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Reads the command line into values by key, and writes the help. Stateless. */
final class CommandLineReader {

  private static final String WORKER = "--worker";

  private CommandLineReader() {}

  /**
   * What the command line says.
   *
   * @param worker whether this process is one of the workers of another
   */
  record Line(Map<String, String> values, boolean worker) {}

  /**
   * Returns null when help or the version was asked for, which has been printed.
   *
   * @throws CommandLine.ParameterException when it is no command line
   */
  static @Nullable Line read(PrintStream out, String... args) {
    CommandLine line = new CommandLine(specification());
    ParseResult parsed = line.parseArgs(args);
    if (parsed.isUsageHelpRequested()) {
      line.usage(out);
      return null;
    }
    if (parsed.isVersionHelpRequested()) {
      line.printVersionHelp(out);
      return null;
    }
    Map<String, String> values = new HashMap<>();
    for (Setting setting : Setting.values()) {
      List<String> given = parsed.matchedOptionValue(setting.option(), List.of());
      if (!given.isEmpty()) {
        values.put(setting.key(), String.join(",", given));
      }
    }
    return new Line(values, parsed.hasMatchedOption(WORKER));
  }

  private static CommandSpec specification() {
    CommandSpec command = CommandSpec.create().name("roomcast-demo").mixinStandardHelpOptions(true);
    command
        .version("roomcast " + Demo.class.getPackage().getImplementationVersion())
        .addOption(OptionSpec.builder(WORKER).hidden(true).build());
    command
        .usageMessage()
        .description("A realtime chat in the browser: one process, or several that share Redis.")
        .synopsisHeading("Usage: ")
        .customSynopsis("java -jar roomcast-demo.jar [OPTION]...")
        .sortOptions(false)
        .width(100)
        .optionListHeading("%n")
        .footer(
            "",
            "Exit codes: 0 after a drained end, 1 when it cannot start, 2 for bad options.",
            "Limits: " + String.join(", ", LimitSettings.names()) + ".%n");
    for (Setting.Group group : Setting.Group.values()) {
      ArgGroupSpec.Builder args =
          ArgGroupSpec.builder().heading("%n" + group.heading() + ":%n").validate(false);
      Stream.of(Setting.values())
          .filter(setting -> setting.group() == group)
          .forEach(setting -> args.addArg(option(setting)));
      command.addArgGroup(args.build());
    }
    return command;
  }

  private static OptionSpec option(Setting setting) {
    OptionSpec.Builder option =
        OptionSpec.builder(setting.option())
            .paramLabel(setting.label())
            .description(setting.description())
            .arity("1")
            .hideParamSyntax(true);
    // A list even of one: the same way to read them all.
    return option.type(List.class).auxiliaryTypes(String.class).build();
  }
}
