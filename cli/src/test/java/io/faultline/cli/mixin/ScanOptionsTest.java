package io.faultline.cli.mixin;

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

/** Options become settings of the source, and arguments for another process. */
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

  private static ScanSettings scan(MigrationOptions options) {
    return settings(options).scanSettings();
  }

  private static SourceSettings settings(MigrationOptions options) {
    return options.settings(new InetSocketAddress(0));
  }

  @Test
  void everythingIsOnByDefault() {
    assertThat(scan(parse())).isEqualTo(ScanSettings.DEFAULT);
    assertThat(parse().toArguments())
        .contains("--mode=postcopy")
        .noneMatch(argument -> argument.matches("--(prefetch|bubbling|hot-first)=.*"));
  }

  @Test
  void eachOptionIsIndependent() {
    assertThat(scan(parse("--prefetch=off"))).isEqualTo(new ScanSettings(true, false, true));
    assertThat(scan(parse("--bubbling=off"))).isEqualTo(new ScanSettings(false, true, true));
    assertThat(scan(parse("--hot-first", "off"))).isEqualTo(new ScanSettings(true, true, false));
    assertThat(scan(parse("--prefetch=on"))).isEqualTo(ScanSettings.DEFAULT);
  }

  @Test
  void argumentsGiveAnotherProcessTheSameSettings() {
    MigrationOptions options = parse("--bandwidth=1m", "--prefetch=off", "--hot-first=on");
    assertThat(options.toArguments()).contains("--prefetch=off", "--hot-first=on");
    MigrationOptions there = parse(options.toArguments().toArray(String[]::new));
    assertThat(settings(there)).isEqualTo(settings(options));
  }

  @Test
  void wrongValueIsRefusedWithTheValidOnes() {
    assertThatThrownBy(() -> parse("--bubbling=maybe")).hasMessageContaining("one of: on, off");
  }
}
