package io.faultline.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.options.OptionValues;
import io.faultline.cli.options.UsageException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What {@code demo --vm qemu} refuses before it starts anything. */
class QemuOptionsTest {
  private static final String LINUX = "--guest linux --kernel /bin/true --initrd /bin/true";

  private @Nullable Exception thrown;

  @ParameterizedTest
  @CsvSource({
    "--workload zipf, no room for its tables; use uniform",
    "--vcpus 2, has one vCPU",
    "--pace 5, runs at full speed",
    "--zero-fraction 0.5, fills all of its memory",
    "--common-fraction 0.5, fills all of its memory",
    "--engine simulated, leave out --engine simulated",
    "--backing anonymous, must be in a file; use shmem",
    "--backing hugetlb-1g, use hugetlb-2m",
    "--mode hybrid --dirty-log vm, always write-protect; leave it out",
    "--populate all, needs --place continue",
    "--ram 4g, at most 3 GiB",
    "--ram 63m, whole pages of 2 MiB",
    "--kernel /bin/true, only --guest linux boots a kernel: leave out --kernel",
    "--initrd /bin/true, only --guest linux boots a kernel: leave out --initrd"
  })
  void guestProgramRefuses(String options, String message) {
    assertRefused("--vm qemu --qemu /bin/true " + options, message);
  }

  @ParameterizedTest
  @CsvSource({
    "--guest linux, needs --kernel FILE",
    "--guest linux --kernel /bin/true, needs --initrd FILE",
    "--guest linux --kernel /nope --initrd /bin/true, --kernel /nope: it is not a file",
    "--guest linux --kernel /bin/true --initrd /bin, --initrd /bin: it is not a file"
  })
  void linuxNeedsItsFiles(String options, String message) {
    assertRefused("--vm qemu --qemu /bin/true " + options, message);
  }

  @ParameterizedTest
  @CsvSource({
    "--ops 5 --seed 1, 'a program of its own: leave out --ops, --seed'",
    "--workload uniform, leave out --workload",
    "--working-set 64m, leave out --working-set",
    "--write-fraction 1, leave out --write-fraction",
    "--pace 5, leave out --pace",
    "--zero-fraction 0, leave out --zero-fraction",
    "--common-fraction 0, leave out --common-fraction",
    "--ram 127m, at least 128m",
    "--vcpus 0, takes 1 to 16",
    "--vcpus 17, takes 1 to 16"
  })
  void linuxRefuses(String options, String message) {
    assertRefused("--vm qemu --qemu /bin/true " + LINUX + " " + options, message);
  }

  @ParameterizedTest
  @CsvSource({
    "--qemu /bin/true, with --vm qemu only: leave out --qemu",
    "--accel tcg, leave out --accel",
    "--guest program, leave out --guest",
    "--kernel /bin/true, leave out --kernel",
    "--vm kvm --initrd /bin/true, leave out --initrd",
    "--vm qemu --qemu /bin, --qemu /bin: it is not a program"
  })
  void wrongProgramsAndOtherVmsAreRefused(String options, String message) {
    assertRefused(options, message);
  }

  private void assertRefused(String options, String message) {
    CommandLine line = new CommandLine(new DemoCommand());
    OptionValues.registerAt(line);
    line.setOut(new PrintWriter(Writer.nullWriter())).setErr(new PrintWriter(Writer.nullWriter()));
    line.setExecutionExceptionHandler(
        (exception, command, parsed) -> {
          thrown = exception;
          return CommandLine.ExitCode.USAGE;
        });
    List<String> arguments = new ArrayList<>(List.of("--quiet"));
    arguments.addAll(List.of(options.split(" ")));
    line.execute(arguments.toArray(String[]::new));
    assertThat(thrown).isInstanceOf(UsageException.class).hasMessageContaining(message);
  }
}
