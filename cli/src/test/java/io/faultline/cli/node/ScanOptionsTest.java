package io.faultline.cli.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.cli.options.OptionValues;
import io.faultline.source.SourceSettings;
import io.faultline.source.scan.ScanSettings;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** From the command line to the source's settings, and on to another process. */
final class ScanOptionsTest {
  @Command
  private static final class Holder {
    @Mixin private MigrationOptions migration = new MigrationOptions();
  }

  private static MigrationOptions parse(String... arguments) {
    Holder holder = new Holder();
    CommandLine line = new CommandLine(holder);
    OptionValues.registerAt(line);
    line.parseArgs(arguments);
    return holder.migration;
  }

  private static ScanSettings order(MigrationOptions options) {
    return settings(options).scanSettings();
  }

  private static SourceSettings settings(MigrationOptions options) {
    return options.settings(new InetSocketAddress(0));
  }

  @Test
  void byDefaultAllIsOn() {
    assertThat(order(parse())).isEqualTo(ScanSettings.DEFAULT);
    assertThat(parse().toArguments())
        .contains("--mode=postcopy")
        .noneMatch(argument -> argument.matches("--(prefetch|bubbling|hot-first)=.*"));
  }

  @Test
  void eachPartIsSwitchedByItself() {
    assertThat(order(parse("--prefetch=off"))).isEqualTo(new ScanSettings(true, false, true));
    assertThat(order(parse("--bubbling=off"))).isEqualTo(new ScanSettings(false, true, true));
    assertThat(order(parse("--hot-first", "off"))).isEqualTo(new ScanSettings(true, true, false));
    assertThat(order(parse("--prefetch=on"))).isEqualTo(ScanSettings.DEFAULT);
  }

  @Test
  void anotherProcessGetsTheSame() {
    MigrationOptions options = parse("--bandwidth=1m", "--prefetch=off", "--hot-first=on");
    assertThat(options.toArguments()).contains("--prefetch=off", "--hot-first=on");
    MigrationOptions there = parse(options.toArguments().toArray(String[]::new));
    assertThat(settings(there)).isEqualTo(settings(options));
  }

  @Test
  void otherWordsAreRefusedWithThoseThereAre() {
    assertThatThrownBy(() -> parse("--bubbling=maybe")).hasMessageContaining("none of: on, off");
  }
}
