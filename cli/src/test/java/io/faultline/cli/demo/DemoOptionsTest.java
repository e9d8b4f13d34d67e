package io.faultline.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.cli.options.OptionValues;
import io.faultline.cli.options.UsageException;
import io.faultline.memory.Placement;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The options of {@code demo} become arguments of its nodes. */
final class DemoOptionsTest {
  @Command
  private static final class Holder {
    @Mixin private DemoOptions pair = new DemoOptions();
  }

  private static DemoOptions parse(String... arguments) {
    Holder holder = new Holder();
    CommandLine line = new CommandLine(holder);
    OptionValues.registerAt(line);
    line.parseArgs(arguments);
    return holder.pair;
  }

  @Test
  void commonOptionsArePassedToBothNodes() {
    DemoOptions pair = parse("--rehearsal=100ms", "--poll=spin", "--heartbeat=250ms");
    assertThat(pair.forSource()).contains("--rehearsal=100ms", "--poll=spin", "--heartbeat=250ms");
    assertThat(pair.forDestination()).containsAll(pair.forSource());
  }

  @Test
  void populateIsPassedToTheDestinationOnly() {
    DemoOptions pair = parse("--populate=all");
    assertThat(pair.forDestination()).contains("--populate=all");
    assertThat(pair.forSource()).noneMatch(argument -> argument.startsWith("--populate"));
    assertThat(parse().forDestination()).contains("--populate=huge");
  }

  @Test
  void populateAllNeedsPlacementContinue() {
    DemoOptions all = parse("--populate=all");
    all.check(Placement.CONTINUE);
    assertThatThrownBy(() -> all.check(Placement.COPY))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("--place continue");
    parse("--populate=none").check(Placement.COPY);
  }
}
