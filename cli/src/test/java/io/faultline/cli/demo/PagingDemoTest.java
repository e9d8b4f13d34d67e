package io.faultline.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.options.OptionValues;
import io.faultline.cli.options.UsageException;
import io.faultline.cli.report.ResultFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.node.ObjectNode;

/** {@code demo --paging} on the simulated kernel, and what it refuses. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PagingDemoTest {
  private final StringWriter printed = new StringWriter();
  private @Nullable Exception thrown;

  @ParameterizedTest
  @ValueSource(strings = {"file", "memory", "memory:zstd"})
  void verifiesAVmWithMoreMemoryThanItsBuffer(String store, @TempDir Path directory)
      throws IOException {
    Path json = directory.resolve("result.json");
    String options = "--paging --engine simulated --ram 16m --buffer 1m --ops 2000 --seed 5";
    int code = run(options + " --store " + store + " --json " + json);
    assertThat(code).isZero();
    assertThat(printed.toString()).contains("verified", "yes", "hit rate");
    ObjectNode result = ResultFile.read(json);
    assertThat(result.path("verified").asBoolean(false)).isTrue();
    assertThat(result.path("store").asString("")).isEqualTo(store);
    assertThat(result.path("operations").asLong(0)).isEqualTo(4000);
    assertThat(result.path("fills").asLong(0)).isPositive();
    assertThat(result.path("evicted_dirty").asLong(0)).isPositive();
    assertThat(result.path("bytes_out").asLong(0)).isPositive();
    assertThat(result.path("hit_rate").asDouble(-1)).isBetween(0.0, 1.0);
    assertThat(result.path("most_used_bytes").asLong(-1)).isBetween(1L << 19, 1L << 20);
  }

  @ParameterizedTest
  @CsvSource({
    "--paging --backing shmem, leave out --backing",
    "--paging --vm kvm, leave out --vm",
    "--paging --report x.html --bandwidth 1m, 'only with --mode: leave out --bandwidth, --report'",
    "--paging --chaos cut=1, leave out --chaos",
    "--paging --mode hybrid --vm kvm, leave out --vm",
    "--paging --mode hybrid --backing shmem, leave out --backing",
    "--paging --mode hybrid --dirty-log vm, leave out --dirty-log",
    "--paging --mode postcopy --place continue, use --backing shmem",
    "--paging --mode postcopy --chaos kill-source=1, leave out kill-source",
    "--paging --mode postcopy --ram 16m --buffer 32m, larger than --ram",
    "--paging --engine simulated --ram 16m --buffer 512k, use at least 1m",
    "--paging --engine simulated --ram 16m --store memory:gzip, use lz4 or zstd",
    "--paging --mode postcopy --store disk, 'use file, memory'",
    "--store memory, only --paging has a store: leave out --store",
    "--buffer 1m, only --paging has a buffer: leave out --buffer"
  })
  void refusesWhatDoesNotCombine(String options, String message) {
    run(options);
    assertThat(thrown).isInstanceOf(UsageException.class).hasMessageContaining(message);
  }

  private int run(String options) {
    CommandLine line = new CommandLine(new DemoCommand());
    OptionValues.registerAt(line);
    line.setOut(new PrintWriter(printed)).setErr(new PrintWriter(Writer.nullWriter()));
    line.setExecutionExceptionHandler(
        (exception, command, parsed) -> {
          thrown = exception;
          return CommandLine.ExitCode.USAGE;
        });
    return line.execute(options.split(" "));
  }
}
