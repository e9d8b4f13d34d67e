package io.faultline.cli.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

class GivenOptionsTest {
  /** An option with a default value, one without, and one of a mixin with two names. */
  @Command(name = "probe")
  static final class Probe {
    @Option(names = "--ram", defaultValue = "1g")
    @Nullable String ram;

    @Option(names = "--seed")
    @Nullable String seed;

    @Mixin More more = new More();
  }

  /** Options of several commands. */
  static final class More {
    @Option(names = {"-q", "--quiet"})
    boolean quiet;
  }

  private static GivenOptions parse(String... arguments) {
    CommandLine line = new CommandLine(new Probe());
    CommandSpec spec = line.getCommandSpec();
    line.parseArgs(arguments);
    return GivenOptions.of(spec);
  }

  @Test
  void optionWithItsDefaultValueIsNotGiven() {
    assertThat(parse().contains("--ram")).isFalse();
    assertThat(parse("--ram=1g").contains("--ram")).isTrue();
    assertThat(parse("-q").contains("--quiet")).isTrue();
  }

  @Test
  void refusalNamesEachRefusedOptionThatWasGiven() {
    Set<String> refused = Set.of("--ram", "--seed", "--quiet");
    assertThatCode(() -> parse().refuse(refused, "no")).doesNotThrowAnyException();
    assertThatThrownBy(() -> parse("-q", "--ram=2g").refuse(refused, "no VM"))
        .isInstanceOf(UsageException.class)
        .hasMessage("no VM: leave out --quiet, --ram");
  }

  @Test
  void refusalOfAllButSomeLeavesThese() {
    Set<String> allowed = Set.of("--quiet");
    assertThatCode(() -> parse("-q").refuseAllBut(allowed, "no")).doesNotThrowAnyException();
    assertThatThrownBy(() -> parse("-q", "--seed=1").refuseAllBut(allowed, "no VM"))
        .isInstanceOf(UsageException.class)
        .hasMessage("no VM: leave out --seed");
  }
}
