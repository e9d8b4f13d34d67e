package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * docs/command-line.md has every command and every option, with the descriptions and defaults that
 * {@code --help} shows, and no others. With {@code UPDATE_DOCS=1} in the environment the test
 * writes the tables into the page instead of comparing them.
 */
final class CommandLinePageTest {
  private static final Path PAGE = Path.of("../docs/command-line.md");

  /** A table, and the comment before it that names it. */
  private static final Pattern TABLE =
      Pattern.compile("<!-- (commands|options(?::| of) [^>]+) -->\n((?:\\|.*\n)*)");

  private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--([a-z][a-z-]*)");

  private final CommandSpec root = Main.commandLine().getCommandSpec();
  private final Map<String, String> tables = OptionTables.all(root);

  @Test
  void tablesAreThoseOfTheCommands() throws IOException {
    String page = Files.readString(PAGE);
    String expected = withTables(page);
    if ("1".equals(System.getenv("UPDATE_DOCS"))) {
      Files.writeString(PAGE, expected);
      return;
    }
    assertThat(page)
        .as("run this test with UPDATE_DOCS=1 in the environment to update the tables")
        .isEqualTo(expected);
  }

  @Test
  void everyTableIsOnThePageOnce() throws IOException {
    assertThat(
            TABLE.matcher(Files.readString(PAGE)).results().map(found -> found.group(1)).toList())
        .containsExactlyInAnyOrderElementsOf(tables.keySet());
  }

  @Test
  void everyOptionOnThePageExists() throws IOException {
    Set<String> mentioned = new TreeSet<>();
    Matcher matcher = OPTION.matcher(Files.readString(PAGE));
    while (matcher.find()) {
      mentioned.add("--" + matcher.group(1));
    }
    assertThat(optionNames()).containsAll(mentioned);
  }

  @Test
  void everyDefaultIsInTheDescription() {
    root.subcommands()
        .forEach(
            (name, command) -> {
              for (OptionSpec option : OptionTables.options(command.getCommandSpec())) {
                String value = Objects.requireNonNullElse(option.defaultValue(), "");
                if (!value.isEmpty()) {
                  assertThat(OptionTables.description(option))
                      .as("%s %s", name, option.longestName())
                      .endsWith("(default: " + value + ").");
                }
              }
            });
  }

  private String withTables(String page) {
    return TABLE
        .matcher(page)
        .replaceAll(
            found -> {
              String table = tables.getOrDefault(found.group(1), found.group(2));
              return Matcher.quoteReplacement("<!-- " + found.group(1) + " -->\n" + table);
            });
  }

  private Set<String> optionNames() {
    return Stream.concat(
            root.options().stream(),
            root.subcommands().values().stream()
                .flatMap(command -> command.getCommandSpec().options().stream()))
        .filter(option -> !option.hidden())
        .map(OptionSpec::longestName)
        .collect(Collectors.toSet());
  }
}
