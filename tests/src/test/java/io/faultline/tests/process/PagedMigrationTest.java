package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A VM migrates, most of whose memory is in a file at the source. */
class PagedMigrationTest {
  private static final long MIB = 1 << 20;
  private static final int PAGES = 64 << 8;

  @RegisterExtension private final Processes processes = new Processes();

  @ParameterizedTest
  @CsvSource({"postcopy, kernel", "hybrid, kernel", "precopy, simulated"})
  void pagesThatAreNotInMemoryComeFromTheStore(String mode, String engine) throws Exception {
    Result result = migrate("--mode=" + mode, "--engine=" + engine);
    assertThat(result.number("paging.pages_from_store")).isGreaterThan(PAGES / 2);
    assertThat(result.number("paging.buffer_bytes")).isEqualTo(8 * MIB);
    assertThat(result.number("paging.most_used_bytes")).isLessThanOrEqualTo(8 * MIB);
    assertThat(result.decimal("paging.hit_rate")).isBetween(0.01, 0.99999);
  }

  @Test
  void networkMayFail() throws Exception {
    Result result = migrate("--mode=hybrid", "--chaos=cut=2,seed=3");
    assertThat(result.number("recoveries")).isGreaterThanOrEqualTo(2);
  }

  @Test
  void pagesThatWereNeverWrittenAreZeros() throws Exception {
    Result result = migrate("--mode=postcopy", "--zero-fraction=0.9");
    assertThat(result.number("pages.zero")).isGreaterThan(PAGES / 2);
  }

  private Result migrate(String... more) throws Exception {
    List<String> options = List.of("--paging", "--ram=64m", "--buffer=8m", "--rehearsal=200ms");
    Result result = Demo.run(processes, options, more).result();
    result.assertMigrated(64 * MIB, 2);
    return result;
  }
}
