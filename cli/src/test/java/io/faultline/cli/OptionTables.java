package io.faultline.cli;

import io.faultline.cli.help.CommandGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.help.OptionGroups;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The tables of docs/command-line.md, from the descriptions that {@code --help} shows. */
final class OptionTables {
  /** Their options are in one table for each group, since they share most of them. */
  static final List<String> NODES = List.of("demo", "source", "dest");

  private static final Pattern DEFAULT = Pattern.compile("(.*?) ?\\(default: (.*)\\)\\.");
  private static final String EXIT_CODES = "Exit codes: ";

  private OptionTables() {}

  /** An option of some of the commands of the nodes. */
  private record NodeOption(OptionSpec option, List<String> commands) {}

  /** All tables, by the names that the page marks them with. */
  static Map<String, String> all(CommandSpec root) {
    Map<String, String> tables = new LinkedHashMap<>();
    tables.put("commands", commands(root));
    for (OptionGroup group : OptionGroup.values()) {
      String table = nodes(root, group);
      if (!table.isEmpty()) {
        tables.put("options: " + group.heading(), table);
      }
    }
    for (CommandGroup group : CommandGroup.values()) {
      for (String name : group.commands()) {
        List<OptionSpec> options = options(command(root, name));
        if (!NODES.contains(name) && !options.isEmpty()) {
          tables.put("options of " + name, table(options));
        }
      }
    }
    return tables;
  }

  private static String commands(CommandSpec root) {
    StringBuilder table =
        new StringBuilder("| | command | does | exit codes |\n|---|---|---|---|\n");
    for (CommandGroup group : CommandGroup.values()) {
      String heading = group.heading();
      for (String name : group.commands()) {
        CommandSpec command = command(root, name);
        String[] footer = command.usageMessage().footer();
        String codes =
            footer[footer.length - 1]
                .substring(EXIT_CODES.length())
                .replaceAll("(, 2 wrong use)?(, 3 result elsewhere)?\\.$", "");
        row(
            table,
            heading,
            "[`" + name + "`](#" + name + ")",
            code(command.usageMessage().description()[0]),
            codes);
        heading = "";
      }
    }
    return table.toString();
  }

  /** A row for each option, or several where the commands describe it differently. */
  private static String nodes(CommandSpec root, OptionGroup group) {
    Map<String, NodeOption> rows = new LinkedHashMap<>();
    for (String name : NODES) {
      for (OptionSpec option :
          OptionGroups.of(command(root, name)).getOrDefault(group, List.of())) {
        if (!option.usageHelp()) {
          String row = option.longestName() + option.paramLabel() + description(option);
          rows.computeIfAbsent(row, key -> new NodeOption(option, new ArrayList<>()))
              .commands()
              .add(name);
        }
      }
    }
    if (rows.isEmpty()) {
      return "";
    }
    StringBuilder table = new StringBuilder("| option | of | default | |\n|---|---|---|---|\n");
    for (NodeOption each : rows.values()) {
      boolean isOfAll = each.commands().size() == NODES.size();
      row(
          table,
          synopsis(each.option()),
          isOfAll ? "all" : String.join(", ", each.commands()),
          defaultValue(each.option()),
          text(each.option()));
    }
    return table.toString();
  }

  private static String table(List<OptionSpec> options) {
    StringBuilder table = new StringBuilder("| option | default | |\n|---|---|---|\n");
    for (OptionSpec option : options) {
      row(table, synopsis(option), defaultValue(option), text(option));
    }
    return table.toString();
  }

  private static void row(StringBuilder table, String... cells) {
    table.append('|');
    for (String cell : cells) {
      table.append(' ').append(cell.replace("|", "\\|")).append(cell.isEmpty() ? "|" : " |");
    }
    table.append('\n');
  }

  /** The visible options of a command, without {@code --help}. */
  static List<OptionSpec> options(CommandSpec command) {
    return command.options().stream()
        .filter(option -> !option.hidden() && !option.usageHelp())
        .toList();
  }

  private static CommandSpec command(CommandSpec root, String name) {
    return Objects.requireNonNull(root.subcommands().get(name), name).getCommandSpec();
  }

  private static String synopsis(OptionSpec option) {
    boolean isFlag = option.arity().max() == 0;
    return "`" + option.longestName() + (isFlag ? "" : " " + option.paramLabel()) + "`";
  }

  static String description(OptionSpec option) {
    return String.join(" ", option.description());
  }

  private static String defaultValue(OptionSpec option) {
    Matcher matcher = DEFAULT.matcher(description(option));
    if (!matcher.matches()) {
      return "";
    }
    String value = matcher.group(2);
    return value.matches("[\\w.:]+") ? "`" + value + "`" : code(value);
  }

  private static String text(OptionSpec option) {
    Matcher matcher = DEFAULT.matcher(description(option));
    return code(matcher.matches() ? matcher.group(1) + "." : description(option));
  }

  /** Marks options as code, with some of their values. */
  private static String code(String text) {
    return text.replaceAll("--[a-z][a-z-]*( continue| file:PATH)?", "`$0`");
  }
}
