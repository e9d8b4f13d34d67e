package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.tests.tags.RunsAlone;
import io.faultline.uffd.HugePageLoan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A destination that is too small refuses the VM before it is paused, and names the limit. */
class AdmissionTest {
  /** What other processes may need while the machine promises no more. */
  private static final long SAFE_KIB = 2 << 20;

  private static final Path OVERCOMMIT = Path.of("/proc/sys/vm/overcommit_memory");

  @RegisterExtension private final Processes processes = new Processes();

  /** Runs a command with a setting of the shell. */
  private static List<String> shell(String first) {
    return List.of("sh", "-c", first + "; exec \"$@\"", "sh");
  }

  /** Both end with exit code 1; the message is on both sides; the VM ended at the source. */
  private void assertRefused(
      List<String> prefix, List<String> destOptions, List<String> sourceOptions, String... named)
      throws Exception {
    List<String> arguments = new ArrayList<>(List.of("dest", "--listen=127.0.0.1:0"));
    arguments.addAll(destOptions);
    Node dest = processes.startWith(prefix, arguments);
    List<String> all =
        new ArrayList<>(
            List.of("source", "--to=127.0.0.1:" + dest.awaitPort(), "--ops=1000", "--seed=1"));
    all.addAll(sourceOptions);
    Node source = processes.start(all);
    source.awaitFailure(1, Node.LIMIT);
    dest.awaitFailure(1, Node.LIMIT);
    assertThat(String.join("\n", dest.err())).contains("it does not fit").contains(named);
    assertThat(String.join("\n", source.err()))
        .contains("it does not fit")
        .contains(named)
        .contains("the VM finished here, verified");
  }

  @Test
  void memoryCgroupOfVersion1() throws Exception {
    try (Cgroup group = Cgroup.ofMemory()) {
      group.set("memory.limit_in_bytes", 600L << 20);
      assertRefused(
          group.prefix(),
          List.of(),
          List.of("--ram=1g", "--zero-fraction=1", "--working-set=1m"),
          "MiB wanted",
          group.directory() + "/memory.limit_in_bytes");
    }
  }

  @Test
  @RunsAlone
  void memoryCgroupOfVersion2() throws Exception {
    try (Cgroup group = Cgroup.unified("memory")) {
      group.set("memory.max", 600L << 20);
      assertRefused(
          group.prefix(),
          List.of(),
          List.of("--ram=1g", "--zero-fraction=1", "--working-set=1m"),
          "MiB wanted",
          group.directory() + "/memory.max");
    }
  }

  @Test
  void addressSpaceOfTheProcess() throws Exception {
    assertRefused(
        shell("ulimit -v 6000000"),
        List.of(),
        List.of("--ram=6g", "--zero-fraction=1", "--working-set=1m"),
        "ulimit -v");
  }

  @Test
  void sizeOfTheFileSystemOfAMemoryFile() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(processes.file("disk"), "32m")) {
      Path file = disk.directory().resolve("ram");
      assertRefused(
          List.of(),
          List.of("--backing=file:" + file),
          List.of("--ram=64m", "--backing=shmem"),
          "64 MiB wanted",
          disk.directory().toString());
    }
  }

  @Test
  void overcommitAdmitsAndWarns() throws Exception {
    try (Cgroup group = Cgroup.ofMemory()) {
      group.set("memory.limit_in_bytes", 400L << 20);
      Node dest =
          processes.startWith(
              group.prefix(), List.of("dest", "--listen=127.0.0.1:0", "--overcommit"));
      // Most of it is zero, and stays so: it does fit in the end.
      Node source =
          processes.start(
              "source",
              "--to=127.0.0.1:" + dest.awaitPort(),
              "--ram=512m",
              "--zero-fraction=1",
              "--working-set=1m",
              "--ops=1000");
      source.awaitSuccess();
      dest.awaitError("the VM is admitted by --overcommit, although it does not fit");
    }
  }

  @Test
  @RunsAlone
  void machineThatPromisesNoMoreThanItHas() throws Exception {
    assumeTrue(Files.isWritable(OVERCOMMIT), "not root");
    String before = Files.readString(OVERCOMMIT).strip();
    assumeTrue(before.equals("0"), OVERCOMMIT + " is " + before);
    long left = kibibytes("CommitLimit") - kibibytes("Committed_AS");
    assumeTrue(left > SAFE_KIB, "other processes could fail");
    long wanted = left + (1 << 20);
    assumeTrue(wanted + (1 << 20) < kibibytes("MemAvailable"), "too little memory is available");
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet");
    try (FakeSource source = FakeSource.connect(dest.awaitPort(), 1)) {
      FakeSource.assertAccepted(source.receive());
      Files.writeString(OVERCOMMIT, "2");
      source.describe(wanted << 10, wanted << 10, 4096);
      dest.awaitFailure(1, Node.LIMIT);
    } finally {
      Files.writeString(OVERCOMMIT, before);
    }
    assertThat(dest.err())
        .singleElement()
        .asString()
        .contains("it does not fit", OVERCOMMIT + " is 2; CommitLimit", "vm.overcommit_ratio");
  }

  private static long kibibytes(String name) throws IOException {
    return Files.readAllLines(Path.of("/proc/meminfo")).stream()
        .filter(line -> line.startsWith(name + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .sum();
  }

  @Test
  @RunsAlone
  void hugetlbCgroup() throws Exception {
    try (HugePageLoan loan = HugePages.borrow(64);
        Cgroup group = Cgroup.unified("hugetlb")) {
      assertThat(loan.shortage()).isEmpty();
      group.set("hugetlb.2MB.max", 16L << 20);
      assertRefused(
          group.prefix(),
          List.of("--backing=hugetlb-2m"),
          List.of("--ram=64m", "--backing=hugetlb-2m"),
          "64 MiB wanted, 16 MiB available",
          group.directory() + "/hugetlb.2MB.max");
    }
  }
}
