package io.faultline.cli.mixin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.cli.options.OptionValues;
import io.faultline.cli.options.UsageException;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Options become the configuration of a VM, and arguments for another process. */
final class VmOptionsTest {
  private static final Kernel KERNEL = new SimulatedKernel();

  @Command
  private static final class Holder {
    @Mixin private VmOptions vm = new VmOptions();
  }

  private static VmOptions parse(String... arguments) {
    Holder holder = new Holder();
    CommandLine line = new CommandLine(holder);
    OptionValues.registerAt(line);
    line.parseArgs(arguments);
    return holder.vm;
  }

  @Test
  void guestWritesWithoutPaceToAQuarterOfItsMemoryByDefault() {
    SimulatedVmConfig config = parse("--ram=64m").config(KERNEL);
    assertThat(config.writeFraction()).isEqualTo(1);
    assertThat(config.pace()).isZero();
    assertThat(config.workingSetBytes()).isEqualTo(16 << 20);
  }

  @ParameterizedTest
  @CsvSource({
    "--ram=64m --working-set=64m, 67108864",
    "--ram=64m --working-set=4k --vcpus=1, 4096",
    "--ram=20k --vcpus=3, 12288",
    "--ram=3g --backing=hugetlb-1g --vcpus=2, 2147483648",
  })
  void workingSetIsTheGivenOrTheDefaultOne(String commandLine, long expectedBytes) {
    VmOptions options = parse(commandLine.split(" ", -1));
    assertThat(options.config(KERNEL).workingSetBytes()).isEqualTo(expectedBytes);
  }

  /** It has a pool of its own, whatever this machine's is. */
  @Test
  void hugePagesOfTheSimulatedKernelNeedOrdinaryMemory() {
    VmOptions options = parse("--ram=64m", "--backing=hugetlb-2m");
    assertThat(options.config(KERNEL, 2).ramBytes()).isEqualTo(64 << 20);
    assertThatThrownBy(() -> parse("--ram=900g", "--backing=hugetlb-2m").config(KERNEL, 2))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("--ram: it does not fit: for 2 VMs,")
        .hasMessageContaining("MemAvailable")
        .hasMessageMatching(".*at most --ram \\d+m fits");
  }

  @ParameterizedTest
  @CsvSource({
    "--ram=64m",
    "--ram=64m --write-fraction=0.05 --pace=20000 --working-set=8m",
    "--ram=64m --write-fraction=0 --vcpus=3 --ops=5 --zero-fraction=0.5 --common-fraction=0.25"
        + " --workload=uniform",
  })
  void argumentsGiveAnotherProcessTheSameVm(String commandLine) {
    VmOptions options = parse(commandLine.split(" ", -1));
    VmOptions passedOn = parse(options.toArguments().toArray(String[]::new));
    assertThat(passedOn.config(KERNEL)).isEqualTo(options.config(KERNEL));
  }

  @ParameterizedTest
  @CsvSource({
    "--write-fraction=1.5, write fraction of 1.5",
    "--pace=-1, pace of -1",
    "--common-fraction=2, common fraction of 2",
    "--working-set=4097, working set of 4097",
    "--vcpus=256 --ram=4m --working-set=8k, larger working set",
    "--vcpus=256 --ram=8k, larger RAM",
  })
  void impossibleConfigurationIsWrongUse(String commandLine, String message) {
    VmOptions options = parse(commandLine.split(" ", -1));
    assertThatThrownBy(() -> options.config(KERNEL))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining(message);
  }
}
