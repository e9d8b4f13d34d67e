package io.faultline.demo.bench;

import io.faultline.demo.node.LocalMigration;
import io.faultline.demo.report.Results;
import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.PageSize;
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
 * @param ramBytes of the VM
 * @param huge whether that is of 2 MiB pages
 * @param options of the VM and of the migration, without those above
 */
record MigrationCase(
    Laboratory laboratory,
    Figure figure,
    String name,
    String title,
    List<String> prefix,
    long ramBytes,
    boolean huge,
    List<String> options)
    implements BenchCase {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  /** Of each VM, for what is not its memory. */
  private static final long ROOM = 256L << 20;

  @Override
  public String command() {
    List<String> words = new ArrayList<>(prefix);
    words.addAll(List.of("faultline", "demo"));
    words.addAll(arguments(0));
    return String.join(" ", words);
  }

  @Override
  public Map<Metric, Double> run(int round)
      throws IOException, InterruptedException, CannotRunException {
    requireMemory();
    try (HugePageLoan loan = lend()) {
      Optional<String> shortage = loan.shortage();
      if (shortage.isPresent()) {
        throw new CannotRunException(shortage.get());
      }
      return migrate(round);
    }
  }

  private Map<Metric, Double> migrate(int round) throws IOException, InterruptedException {
    List<String> sourceOptions = arguments(round);
    List<String> destOptions = new ArrayList<>();
    if (laboratory.quick()) {
      sourceOptions.add("--warm-up=50ms");
      destOptions.add("--run-on=20ms");
    }
    ObjectNode result =
        new LocalMigration(laboratory.scratch(), laboratory.kernel().name(), prefix, LIMIT)
            .run(sourceOptions, destOptions);
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
    arguments.add("--seed=" + (laboratory.seed() + round));
    if (huge) {
      arguments.add("--backing=hugetlb-2m");
    }
    arguments.addAll(options);
    return arguments;
  }

  private void requireMemory() throws CannotRunException {
    long available = laboratory.kernel().availableMemoryBytes();
    if (2 * (ramBytes + ROOM) > available) {
      throw new CannotRunException(
          String.format(
              "two VMs of %d MiB do not fit in the %d MiB that are available",
              ramBytes >> 20, available >> 20));
    }
  }

  private HugePageLoan lend() {
    if (!huge) {
      return HugePageLoan.none();
    }
    long pageBytes = laboratory.kernel().pageSizeBytes(PageSize.HUGE_2M);
    return HugePageLoan.borrow(
        laboratory.kernel(), PageSize.HUGE_2M, 2 * Math.ceilDiv(ramBytes, pageBytes));
  }
}
