package io.faultline.cli.bench.measure;

import io.faultline.cli.bench.criu.OwnProgram;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import io.faultline.cli.experiment.Ballast;
import io.faultline.demo.kvm.FirmwareGuest;
import io.faultline.demo.kvm.KvmHost;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One migration of a guest between two stock QEMUs by this project: {@code demo --vm qemu}, in a
 * JVM of its own, verified.
 *
 * @param ramBytes guest memory without the low memory of the PC
 * @param kvm whether the guest runs under KVM, instead of binary translation (TCG)
 * @param huge whether guest memory has 2 MiB pages
 * @param options of the migration
 */
public record QemuGuestCase(
    BenchEnvironment environment,
    String name,
    String title,
    long ramBytes,
    boolean kvm,
    boolean huge,
    List<String> options)
    implements BenchCase {
  private static final String MAIN = "io.faultline.cli.Main";

  @Override
  public ResultTable table() {
    return kvm ? ResultTable.EQUALS : ResultTable.QEMU_GUESTS;
  }

  @Override
  public String command() {
    return "faultline " + String.join(" ", arguments(0));
  }

  @Override
  public Map<Metric, Double> run(int round)
      throws IOException, InterruptedException, CannotRunException {
    new MemoryRequirement(environment, ramBytes + FirmwareGuest.LOW_BYTES, huge).require();
    requireKvm();
    Path json = Files.createTempFile(environment.scratch(), "qemu-guest", ".json");
    try {
      List<String> jvm = new ArrayList<>(ManagementFactory.getRuntimeMXBean().getInputArguments());
      if (!huge) {
        jvm.add(Ballast.option(ramBytes)); // huge pages are warm
      }
      List<String> command = new ArrayList<>(OwnProgram.command(MAIN, jvm));
      command.addAll(arguments(round));
      command.addAll(List.of("--quiet", "--json=" + json));
      var _ = ProgramRunner.run(command);
      return values(JsonMapper.shared().readTree(Files.readString(json)));
    } finally {
      Files.delete(json);
    }
  }

  private void requireKvm() throws CannotRunException {
    if (!kvm) {
      return;
    }
    try {
      KvmHost.open(environment.kernel()).close(); // it can run guests
    } catch (UnsupportedOperationException e) {
      throw new CannotRunException(String.valueOf(e.getMessage()));
    }
  }

  private Map<Metric, Double> values(JsonNode result) {
    Map<Metric, Double> values = new EnumMap<>(Metric.class);
    for (Metric metric : table().metrics()) {
      metric.of(result).ifPresent(value -> values.put(metric, value));
    }
    return values;
  }

  private List<String> arguments(int round) {
    List<String> arguments = new ArrayList<>(List.of("demo", "--vm=qemu", "--workload=uniform"));
    arguments.add("--ram=" + ramBytes);
    arguments.add("--working-set=" + ramBytes);
    arguments.add("--seed=" + (environment.seed() + round));
    if (kvm) {
      arguments.add("--accel=kvm");
    }
    if (huge) {
      arguments.add("--backing=hugetlb-2m");
    }
    arguments.addAll(options);
    return arguments;
  }
}
