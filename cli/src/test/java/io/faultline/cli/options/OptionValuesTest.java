package io.faultline.cli.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.faultline.uffd.PageSize;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptionValuesTest {
  @ParameterizedTest
  @CsvSource({
    "4096, 4096",
    "64m, 67108864",
    "64M, 67108864",
    "64MiB, 67108864",
    "1g, 1073741824",
    "1.5g, 1610612736",
    "2t, 2199023255552",
    "0.5k, 512"
  })
  void sizeUnitsArePowersOf1024(String text, long bytes) {
    assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "m", "64q", "64mb", "-1m", "1,5g", "0x10", "1e3", "64m m"})
  void malformedSizeIsRefusedWithAnExample(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ByteSize.parse(text))
        .withMessageContaining("'" + text + "' is not a size")
        .withMessageContaining("64m");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "0g", "0.3", "9999999999t"})
  void impossibleSizeIsRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ByteSize.parse(text))
        .withMessageContaining("'" + text + "'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"4097", "4k", "64m", "1g", "1536m", "2t"})
  void sizeIsFormattedAsItIsParsed(String text) {
    assertThat(ByteSize.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @CsvSource({
    "100m, 104857600",
    "1g/s, 1073741824",
    "10gbit, 1250000000",
    "1.5mbit, 187500",
    "800bit, 100"
  })
  void rateIsInBytesOrBits(String text, long bytesPerSecond) {
    assertThat(Bandwidth.parse(text).bytesPerSecond()).isEqualTo(bytesPerSecond);
  }

  @Test
  void rateMayBeUnlimited() {
    assertThat(Bandwidth.parse("unlimited").isUnlimited()).isTrue();
    assertThat(Bandwidth.parse("1m").isUnlimited()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "fast", "10gb", "7bit", "0", "-1m"})
  void malformedRateIsRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bandwidth.parse(text))
        .withMessageContaining("'" + text + "' is not a rate");
  }

  @ParameterizedTest
  @CsvSource({"250us, 250000", "500ms, 500000000", "2s, 2000000000", "1.5m, 90000000000", "0s, 0"})
  void durationHasAUnit(String text, long nanos) {
    assertThat(Durations.parse(text)).isEqualTo(Duration.ofNanos(nanos));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "ms", "-1s", "1 week", "PT1S"})
  void malformedDurationIsRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Durations.parse(text))
        .withMessageContaining("'" + text + "' is not a duration");
  }

  @ParameterizedTest
  @CsvSource({
    "localhost:7000, localhost, 7000",
    "10.0.0.1:0, 10.0.0.1, 0",
    "[::1]:65535, ::1, 65535",
    ":7000, '', 7000"
  })
  void addressIsHostAndPort(String text, String host, int port) {
    assertThat(HostPort.parse(text)).isEqualTo(new HostPort(host, port));
    assertThat(HostPort.parse(text)).hasToString(text);
  }

  @Test
  void unknownHostIsWrongUseOfItsOption() {
    HostPort unknown = HostPort.parse("no-such-host.invalid:7000");
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> unknown.resolve("--listen"))
        .withMessage(
            "--listen: unknown host 'no-such-host.invalid'; give a name that is known here, or an"
                + " address");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "localhost", "localhost:", "a:65536", "a:-1", "::1:7000", "a b:1", "[]:1"})
  void malformedAddressIsRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HostPort.parse(text))
        .withMessageMatching("(?s).*(PORT|port|brackets).*");
  }

  @ParameterizedTest
  @ValueSource(strings = {"anonymous", "shmem", "hugetlb-2m", "hugetlb-1g"})
  void backingIsFormattedAsItIsParsed(String text) {
    assertThat(Backings.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"250us", "1ns", "2s", "1.5m", "24h", "1.000000001s"})
  void durationIsFormattedAsItIsParsed(String text) {
    Duration duration = Durations.parse(text);
    assertThat(Durations.parse(Durations.format(duration))).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "17", "500ms", "90s", "converged"})
  void switchoverPointIsFormattedAsItIsParsed(String text) {
    SwitchAfter when = SwitchAfter.parse(text);
    assertThat(SwitchAfter.parse(when.toString())).isEqualTo(when);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "0ms", "1.5", "soon", "1000000000"})
  void malformedSwitchoverPointIsRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SwitchAfter.parse(text))
        .withMessageContaining("'" + text + "'");
  }

  @Test
  void memoryFileHasThePageSizeOfItsFileSystem() {
    Path file = Path.of("/dev/hugepages/vm");

    assertThat(Backings.pageSize("tmpfs", 4096, file)).isEqualTo(PageSize.BASE);
    assertThat(Backings.pageSize("hugetlbfs", 2 << 20, file)).isEqualTo(PageSize.HUGE_2M);
    assertThat(Backings.pageSize("hugetlbfs", 1 << 30, file)).isEqualTo(PageSize.HUGE_1G);
  }

  @Test
  void fileOnDiskIsRefusedAsBacking() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Backings.pageSize("ext4", 4096, Path.of("/home/vm")))
        .withMessageContaining("/home/vm is on ext4")
        .withMessageContaining("/dev/shm");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "memory", "file:", "HUGETLB", "file:/no/such/directory/vm"})
  void malformedBackingIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Backings.parse(text));
  }
}
