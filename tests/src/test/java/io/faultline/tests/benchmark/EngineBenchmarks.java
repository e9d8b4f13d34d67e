package io.faultline.tests.benchmark;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.Statistics;

/**
 * Runs all benchmarks of the engine and prints a table. Arguments: the number of rounds (1), and
 * the program compiled from {@code src/benchmark/c/floor.c}. The program alternates with JMH,
 * operation by operation, so that both run under the same conditions. From the top of the checkout:
 *
 * <pre>
 *   gcc -O2 -pthread -o target/floor tests/src/benchmark/c/floor.c
 *   mvn -q -B -Pbenchmarks -DskipTests -pl tests -am test -Dbenchmarks="5 $PWD/target/floor"
 * </pre>
 */
public final class EngineBenchmarks {
  private static final List<String> CALLS =
      List.of(
          "copy4KiB",
          "copy64KiB",
          "copy2MiB",
          "zeroPage4KiB",
          "continue4KiB",
          "move4KiB",
          "wakeNobody",
          "readNothing",
          "readFault");

  /** Receiving a run of pages, and detecting zero pages: not in the C program. */
  private static final List<String> JAVA_ONLY =
      List.of(
          "receiveAndCopy64KiB",
          "receiveAndMove64KiB",
          "receiveAndCopy2MiB",
          "receiveAndMove2MiB",
          "zeros4KiB",
          "zeros4KiBByC1",
          "data4KiB",
          "data4KiBByC1");

  private static final List<String> FAULTS = List.of("faultBlocking", "faultSpinning");

  private EngineBenchmarks() {}

  public static void main(String[] args) throws RunnerException, IOException {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 1;
    String floor = args.length > 1 ? args[1] : "";
    ComparisonTable table = new ComparisonTable();
    for (int round = 1; round <= rounds; round++) {
      System.err.println("round " + round + " of " + rounds);
      for (String call : CALLS) {
        runFloor(floor, call, table);
        runJmh(call, table);
      }
      for (String operation : JAVA_ONLY) {
        runJmh(operation, table);
      }
      for (String fault : FAULTS) {
        runFloor(floor, fault, table);
        runJmh(fault, table);
      }
    }
    System.out.print(table.markdown());
  }

  private static void runFloor(String program, String operation, ComparisonTable table)
      throws IOException {
    if (program.isEmpty()) {
      return;
    }
    floorLines(program, operation).forEach(table::addC);
    floorLines(program, operation, "threads").forEach(table::addThreadedC);
  }

  private static List<Timing> floorLines(String... command) throws IOException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<Timing> timings;
    try (var lines = process.inputReader()) {
      timings = lines.lines().map(Timing::parse).toList();
    }
    if (process.onExit().join().exitValue() != 0) {
      throw new IOException(String.join(" ", command) + " failed");
    }
    return timings;
  }

  private static void runJmh(String operation, ComparisonTable table) throws RunnerException {
    Options options =
        new OptionsBuilder()
            .include("\\." + operation + "$")
            .addProfiler(GCProfiler.class)
            .verbosity(VerboseMode.SILENT)
            .shouldFailOnError(true)
            .build();
    for (RunResult run : new Runner(options).run()) {
      run.getBenchmarkResults().stream()
          .flatMap(fork -> fork.getIterationResults().stream())
          .forEach(iteration -> add(operation, iteration, table));
    }
  }

  private static void add(String operation, IterationResult iteration, ComparisonTable table) {
    Statistics times = iteration.getPrimaryResult().getStatistics();
    Result<?> allocation = iteration.getSecondaryResults().get("gc.alloc.rate.norm");
    double bytes = Objects.requireNonNull(allocation, "JMH's gc profiler").getScore();
    if (FAULTS.contains(operation)) {
      table.addJava(new Timing(operation + ".p50", times.getPercentile(50)), bytes);
      table.addJava(new Timing(operation + ".p99", times.getPercentile(99)), bytes);
    } else {
      table.addJava(new Timing(operation, times.getMean()), bytes);
    }
  }
}
