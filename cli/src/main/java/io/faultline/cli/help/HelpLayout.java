package io.faultline.cli.help;

import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_COMMAND_LIST;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_OPTION_LIST;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_OPTION_LIST_HEADING;

import io.faultline.cli.terminal.Terminal;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Layout;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** How {@code --help} looks: commands and options under headings, as wide as the terminal. */
public final class HelpLayout {
  /** Wider text is harder to read; also the width where standard output is not a terminal. */
  private static final int MAX_COLUMNS = 100;

  /** What picocli can lay out. */
  private static final int MIN_COLUMNS = 55;

  /** A command with few options has no headings. */
  private static final int MAX_GROUPS_WITHOUT_HEADINGS = 3;

  /** Up to {@code --on-lost-source=WHAT}. */
  private static final int OPTION_COLUMNS = 29;

  private HelpLayout() {}

  /** Lays out the help of a command line and of its subcommands. */
  public static void apply(CommandLine line) {
    AtomicInteger known = new AtomicInteger(); // picocli also creates the help of each subcommand
    line.setHelpFactory(
        (spec, colours) -> {
          int columns = known.updateAndGet(before -> before > 0 ? before : columns());
          spec.usageMessage().width(columns);
          return new Help(spec, colours);
        });
    line.setUsageHelpLongOptionsMaxWidth(OPTION_COLUMNS);
    applyToEach(line);
  }

  private static int columns() {
    return Math.clamp(Terminal.columns(MAX_COLUMNS), MIN_COLUMNS, MAX_COLUMNS);
  }

  private static void applyToEach(CommandLine line) {
    UsageMessageSpec message = line.getCommandSpec().usageMessage();
    message.abbreviateSynopsis(true).descriptionHeading("%n").parameterListHeading("%n");
    line.getHelpSectionMap().put(SECTION_KEY_COMMAND_LIST_HEADING, help -> "");
    line.getHelpSectionMap().put(SECTION_KEY_COMMAND_LIST, HelpLayout::commands);
    line.getHelpSectionMap().put(SECTION_KEY_OPTION_LIST_HEADING, help -> "");
    line.getHelpSectionMap().put(SECTION_KEY_OPTION_LIST, HelpLayout::options);
    line.getSubcommands().values().forEach(HelpLayout::applyToEach);
  }

  private static String commands(Help help) {
    Map<String, Help> commands = help.subcommands();
    if (commands.isEmpty()) {
      return "";
    }
    int nameColumns = commands.keySet().stream().mapToInt(String::length).max().orElse(0) + 2;
    StringBuilder text = new StringBuilder();
    for (CommandGroup group : CommandGroup.values()) {
      text.append(help.createHeading("%n" + group.heading() + ":%n"));
      for (String name : group.commands()) {
        text.append("  ").append(help.colorScheme().commandText(name));
        text.append(" ".repeat(nameColumns - name.length()));
        text.append(summary(commands.get(name))).append(System.lineSeparator());
      }
    }
    return text.toString();
  }

  /** The first line of its description. */
  private static String summary(@Nullable Help command) {
    return command == null ? "" : command.commandSpec().usageMessage().description()[0];
  }

  private static String options(Help help) {
    CommandSpec command = help.commandSpec();
    Map<OptionGroup, List<OptionSpec>> groups = OptionGroups.of(command);
    if (groups.size() <= MAX_GROUPS_WITHOUT_HEADINGS) {
      return help.createHeading("%nOptions:%n") + table(help, command.options());
    }
    StringBuilder text = new StringBuilder();
    groups.forEach(
        (group, options) -> {
          text.append(help.createHeading("%n" + group.heading() + ":%n"));
          text.append(table(help, options));
        });
    return text.toString();
  }

  private static String table(Help help, List<OptionSpec> options) {
    Layout layout = help.createDefaultLayout();
    layout.addAllOptions(options, help.parameterLabelRenderer());
    return layout.toString();
  }
}
