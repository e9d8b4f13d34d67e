package io.faultline.cli.bench.measure;

import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import io.faultline.cli.experiment.Ballast;
import io.faultline.cli.process.LocalMigration;
import io.faultline.cli.report.Results;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * One migration between two JVMs on this machine, verified.
 *
 * @param prefix a command prefix for both nodes; empty for none
 * @param jvmOptions JVM options of both nodes, added to those of this JVM
 * @param ramBytes guest memory
 * @param huge whether guest memory has 2 MiB pages
 * @param options options of the VM and of the migration other than the above
 * @param destOptions further options of the destination
 */
public record MigrationCase(
    BenchEnvironment environment,
    ResultTable table,
    String name,
    String title,
    List<String> prefix,
    List<String> jvmOptions,
    long ramBytes,
    boolean huge,
    List<String> options,
    List<String> destOptions)
    implements BenchCase {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final String SHORT_REHEARSAL = "--rehearsal=400ms";

  /** Changes the size of guest memory. */
  public MigrationCase withRam(long bytes) {
    return with(prefix, jvmOptions, bytes, huge, destOptions);
  }

  /** Uses 2 MiB pages. */
  public MigrationCase withHugePages() {
    return with(prefix, jvmOptions, ramBytes, true, destOptions);
  }

  /** Starts both nodes with a command prefix. */
  public MigrationCase startedBy(List<String> command) {
    return with(command, jvmOptions, ramBytes, huge, destOptions);
  }

  /** Starts both nodes with these JVM options, in addition to those of this JVM. */
  public MigrationCase withJvmOptions(List<String> more) {
    return with(prefix, more, ramBytes, huge, destOptions);
  }

  /** Populates all memory of the destination before the VM is paused. */
  public MigrationCase withPopulatedMemory() {
    return with(prefix, jvmOptions, ramBytes, huge, List.of("--populate=all"));
  }

  /** Records every fault at the destination, as for a report, which is thrown away. */
  public MigrationCase withReport() {
    return with(prefix, jvmOptions, ramBytes, huge, List.of("--report=/dev/null"));
  }

  private MigrationCase with(
      List<String> newPrefix,
      List<String> newJvmOptions,
      long newRamBytes,
      boolean newHuge,
      List<String> newDestOptions) {
    return new MigrationCase(
        environment,
        table,
        name,
        title,
        newPrefix,
        newJvmOptions,
        newRamBytes,
        newHuge,
        options,
        newDestOptions);
  }

  /**
   * Gives the destination memory that was in use just before, as if another process had ended
   * there: on a virtual machine, free memory may have been returned to the hypervisor.
   */
  public MigrationCase withWarmMemory() {
    return withJvmOptions(List.of(Ballast.option(ramBytes)));
  }

  @Override
  public String command() {
    List<String> words = new ArrayList<>();
    if (!jvmOptions.isEmpty()) {
      words.add("FAULTLINE_JAVA_OPTS='" + String.join(" ", jvmOptions) + "'");
    }
    words.addAll(prefix);
    words.addAll(List.of("faultline", "demo"));
    words.addAll(arguments(0));
    words.addAll(destOptions);
    return String.join(" ", words);
  }

  @Override
  public Map<Metric, Double> run(int round)
      throws IOException, InterruptedException, CannotRunException {
    return run(round, address -> address);
  }

  /** Runs it once over a given route between the nodes. */
  Map<Metric, Double> run(int round, LocalMigration.Route route)
      throws IOException, InterruptedException, CannotRunException {
    if (options.contains("--vm=kvm")) {
      environment.requireKvm();
    }
    new MemoryRequirement(environment, ramBytes, huge).require();
    return migrate(round, route);
  }

  private Map<Metric, Double> migrate(int round, LocalMigration.Route route)
      throws IOException, InterruptedException {
    List<String> sourceOptions = arguments(round);
    List<String> destination = new ArrayList<>(destOptions);
    if (environment.quick()) {
      sourceOptions.addAll(List.of("--warm-up=50ms", SHORT_REHEARSAL));
      destination.addAll(List.of("--run-on=20ms", SHORT_REHEARSAL));
    }
    ObjectNode result =
        new LocalMigration(environment.scratch(), environment.kernel().name(), prefix, LIMIT)
            .jvmOptions(jvmOptions)
            .route(route)
            .run(sourceOptions, destination);
    if (!Results.isGood(result)) {
      throw new IOException(result.path("error").asString("the migration was not verified"));
    }
    Map<Metric, Double> values = new EnumMap<>(Metric.class);
    for (Metric metric : Metric.values()) {
      metric.of(result).ifPresent(value -> values.put(metric, value));
    }
    return values;
  }

  private List<String> arguments(int round) {
    List<String> arguments = new ArrayList<>();
    arguments.add("--ram=" + ramBytes);
    arguments.add("--seed=" + (environment.seed() + round));
    if (huge) {
      arguments.add("--backing=hugetlb-2m");
    }
    arguments.addAll(options);
    return arguments;
  }
}
