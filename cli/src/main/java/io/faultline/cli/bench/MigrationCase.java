package io.faultline.cli.bench;

import io.faultline.cli.process.LocalMigration;
import io.faultline.cli.report.Results;
import io.faultline.demo.kvm.KernelFaults;
import io.faultline.demo.kvm.KvmHost;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * One migration between two JVMs of this machine, verified.
 *
 * @param prefix a command that starts both nodes, or none
 * @param jvmOptions of both nodes, behind those of this JVM
 * @param ramBytes of the VM
 * @param huge whether that is of 2 MiB pages
 * @param options of the VM and of the migration, without those above
 * @param destOptions of the destination
 */
record MigrationCase(
    BenchEnvironment environment,
    Figure figure,
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

  /** With another size of the VM. */
  MigrationCase sized(long bytes) {
    return with(prefix, jvmOptions, bytes, huge, destOptions);
  }

  /** With pages of 2 MiB. */
  MigrationCase ofHugePages() {
    return with(prefix, jvmOptions, ramBytes, true, destOptions);
  }

  /** With both nodes started by a command. */
  MigrationCase behind(List<String> command) {
    return with(command, jvmOptions, ramBytes, huge, destOptions);
  }

  /** With options for the JVMs of both nodes. */
  MigrationCase with(List<String> more) {
    return with(prefix, more, ramBytes, huge, destOptions);
  }

  /** With all memory of the destination taken before the VM is paused. */
  MigrationCase populated() {
    return with(prefix, jvmOptions, ramBytes, huge, List.of("--populate=all"));
  }

  private MigrationCase with(
      List<String> command,
      List<String> ofJvms,
      long bytes,
      boolean ofHugePages,
      List<String> ofDestination) {
    return new MigrationCase(
        environment,
        figure,
        name,
        title,
        command,
        ofJvms,
        bytes,
        ofHugePages,
        options,
        ofDestination);
  }

  /**
   * With memory at the destination that was touched just before, as a process has it that starts
   * where another has ended: on a virtual machine free memory may have gone to the hypervisor.
   */
  MigrationCase onWarmMemory() {
    return with(List.of("-Dfaultline.ballast=" + (ramBytes >> 20)));
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

  /** The same by another way than directly. */
  Map<Metric, Double> run(int round, LocalMigration.Route way)
      throws IOException, InterruptedException, CannotRunException {
    if (options.contains("--vm=kvm")) {
      requireKvm();
    }
    new MemoryNeed(environment, ramBytes, huge).require();
    return migrate(round, way);
  }

  private void requireKvm() throws CannotRunException {
    try {
      KvmHost.open(environment.kernel()).close();
    } catch (UnsupportedOperationException e) {
      throw new CannotRunException(String.valueOf(e.getMessage()));
    }
    Optional<String> problem = KernelFaults.problem(environment.kernel());
    if (problem.isPresent()) {
      throw new CannotRunException(problem.get());
    }
  }

  private Map<Metric, Double> migrate(int round, LocalMigration.Route way)
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
            .route(way)
            .run(sourceOptions, destination);
    if (!Results.isGood(result)) {
      throw new IOException(result.path("error").asString("the migration did not verify"));
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
