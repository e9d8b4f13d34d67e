package io.faultline.memory.limits;

import static io.faultline.memory.limits.FakeMachine.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import io.faultline.uffd.PageSize;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryLimitsTest {
  private static final String V1_MOUNT =
      "40 30 0:35 / /sys/fs/cgroup/memory rw,nosuid shared:16 - cgroup cgroup rw,memory";
  private static final String V2_MOUNT =
      "41 30 0:36 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate";
  private static final String NO_LIMIT_V1 = "9223372036854771712";

  @TempDir private Path root;
  private FakeMachine machine;

  @BeforeEach
  void start() {
    machine = new FakeMachine(root);
  }

  private List<MemoryLimit> limits() {
    return new MemoryLimits(machine.files()).ordinary();
  }

  @Test
  void cgroupOfVersion1IsFoundWithAllItsAncestors() {
    machine
        .with("/proc/self/mountinfo", V1_MOUNT)
        .with("/proc/self/cgroup", "5:devices:/x\n4:memory,hugetlb:/pods/one/app")
        .withMemoryCgroup("/sys/fs/cgroup/memory/pods/one/app", 900 * MIB, 100 * MIB, 40 * MIB)
        .withMemoryCgroup("/sys/fs/cgroup/memory/pods/one", 500 * MIB, 300 * MIB, 0)
        .withMemoryCgroup("/sys/fs/cgroup/memory/pods", 800 * MIB, 300 * MIB, 0)
        .with("/sys/fs/cgroup/memory/memory.limit_in_bytes", NO_LIMIT_V1)
        .with("/sys/fs/cgroup/memory/memory.usage_in_bytes", "1");
    assertThat(limits())
        .extracting(MemoryLimit::availableBytes)
        .containsExactly(840 * MIB, 200 * MIB, 500 * MIB);
    assertThat(MemoryLimits.refusal(limits(), anonymous(300)))
        .hasValueSatisfying(
            why ->
                assertThat(why)
                    .contains("300 MiB wanted, 200 MiB available")
                    .contains("/sys/fs/cgroup/memory/pods/one/memory.limit_in_bytes"));
    assertThat(MemoryLimits.refusal(limits(), anonymous(200))).isEmpty();
  }

  @Test
  void cgroupOfVersion2IsFoundBesideHierarchiesOfVersion1() {
    machine
        .with("/proc/self/mountinfo", V1_MOUNT + "\n" + V2_MOUNT)
        .with("/proc/self/cgroup", "1:cpu:/\n0::/slice/app")
        .withUnifiedCgroup("/sys/fs/cgroup/unified/slice/app", "max", 50 * MIB, 0)
        .withUnifiedCgroup("/sys/fs/cgroup/unified/slice", "" + 256 * MIB, 100 * MIB, 60 * MIB);
    assertThat(limits())
        .singleElement()
        .satisfies(
            limit -> {
              assertThat(limit.availableBytes()).isEqualTo(216 * MIB);
              assertThat(limit.source()).isEqualTo("/sys/fs/cgroup/unified/slice/memory.max");
            });
  }

  @Test
  void cgroupThatThrottlesIsALimit() {
    machine
        .with("/proc/self/mountinfo", V2_MOUNT)
        .with("/proc/self/cgroup", "0::/app")
        .withUnifiedCgroup("/sys/fs/cgroup/unified/app", "" + 512 * MIB, 100 * MIB, 0)
        .with("/sys/fs/cgroup/unified/app/memory.high", "" + 400 * MIB);
    assertThat(MemoryLimits.refusal(limits(), anonymous(300))).isEmpty();
    assertThat(MemoryLimits.refusal(limits(), anonymous(301)))
        .hasValueSatisfying(
            why ->
                assertThat(why)
                    .contains(
                        "301 MiB wanted, 300 MiB available", "/app/memory.high", "throttles"));
    machine.with("/sys/fs/cgroup/unified/app/memory.high", "max");
    assertThat(MemoryLimits.refusal(limits(), anonymous(400))).isEmpty();
  }

  @Test
  void hugePagesCountInMemoryCgroupsThatAreMountedSo() {
    MemoryDemand demand = MemoryDemand.of(Backing.HUGETLB_1G, 1 << 30, 0);
    machine
        .with("/proc/self/mountinfo", V2_MOUNT)
        .with("/proc/self/cgroup", "0::/app")
        .withUnifiedCgroup("/sys/fs/cgroup/unified/app", "" + 512 * MIB, 0, 0);
    assertThat(MemoryLimits.refusal(limits(), demand)).isEmpty();
    machine.with("/proc/self/mountinfo", V2_MOUNT + ",memory_hugetlb_accounting");
    assertThat(MemoryLimits.refusal(limits(), demand))
        .hasValueSatisfying(why -> assertThat(why).contains("1024 MiB wanted", "/app/memory.max"));
  }

  @Test
  void mountOfAContainerMayShowOnlyItsOwnPartOfTheHierarchy() {
    machine
        .with(
            "/proc/self/mountinfo",
            "40 30 0:35 /docker/4711 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory")
        .with("/proc/self/cgroup", "4:memory:/docker/4711/inner")
        .withMemoryCgroup("/sys/fs/cgroup/memory/inner", 64 * MIB, 0, 0)
        .withMemoryCgroup("/sys/fs/cgroup/memory", 128 * MIB, 0, 0);
    assertThat(limits())
        .extracting(MemoryLimit::availableBytes)
        .containsExactly(64 * MIB, 128 * MIB);
  }

  @Test
  void processOutsideOfTheMountedPartIsBoundedByItsRoot() {
    machine
        .with("/proc/self/mountinfo", "40 30 0:35 / /with\\040blank rw - cgroup cgroup rw,memory")
        .with("/proc/self/cgroup", "4:memory:/../elsewhere")
        .withMemoryCgroup("/with blank", 128 * MIB, 0, 0);
    assertThat(limits()).extracting(MemoryLimit::availableBytes).containsExactly(128 * MIB);
  }

  @Test
  void machineThatPromisesNoMoreThanItHasIsALimit() {
    machine
        .with(
            "/proc/meminfo",
            "MemAvailable:    1048576 kB\nCommitLimit:    2097152 kB\nCommitted_AS:    1572864 kB")
        .with("/proc/sys/vm/overcommit_memory", "0");
    assertThat(limits()).extracting(MemoryLimit::availableBytes).containsExactly(1024 * MIB);
    machine.with("/proc/sys/vm/overcommit_memory", "2");
    assertThat(limits())
        .extracting(MemoryLimit::availableBytes)
        .containsExactly(1024 * MIB, 512 * MIB);
  }

  @Test
  void sharedMemoryTakesAddressSpaceTwiceAndNoPrivateData() {
    machine
        .with(
            "/proc/self/limits",
            "Max data size             104857600            unlimited            bytes\n"
                + "Max address space         419430400            unlimited            bytes")
        .with("/proc/self/status", "VmSize:\t  102400 kB\nVmData:\t  51200 kB");
    assertThat(MemoryLimits.refusal(limits(), MemoryDemand.of(Backing.SHMEM, 160 * MIB, 0)))
        .hasValueSatisfying(why -> assertThat(why).contains("320 MiB wanted", "ulimit -v"));
    assertThat(MemoryLimits.refusal(limits(), anonymous(60)))
        .hasValueSatisfying(why -> assertThat(why).contains("50 MiB available", "ulimit -d"));
    assertThat(MemoryLimits.refusal(limits(), MemoryDemand.of(Backing.SHMEM, 150 * MIB, 0)))
        .isEmpty();
  }

  @Test
  void hugePagesAreBoundedByThePoolAndByTheHugetlbCgroup() {
    String pool = "/sys/kernel/mm/hugepages/hugepages-2048kB/";
    String group = "/sys/fs/cgroup/unified/app/hugetlb.2MB";
    machine
        .with(pool + "free_hugepages", "100")
        .with(pool + "resv_hugepages", "20")
        .with(pool + "nr_overcommit_hugepages", "10")
        .with(pool + "surplus_hugepages", "4")
        .with("/proc/self/mountinfo", V2_MOUNT)
        .with("/proc/self/cgroup", "0::/app")
        .with(group + ".max", Long.toString(64 * MIB))
        .with(group + ".current", Long.toString(4 * MIB))
        .with(group + ".rsvd.max", "max")
        .with(group + ".rsvd.current", "0");
    List<MemoryLimit> limits = new MemoryLimits(machine.files()).huge(PageSize.HUGE_2M);
    assertThat(limits)
        .extracting(MemoryLimit::availableBytes)
        .containsExactly(86 * 2 * MIB, 60 * MIB);
    machine.with(group + ".rsvd.current", Long.toString(24 * MIB)); // of which 4 MiB are used
    assertThat(new MemoryLimits(machine.files()).huge(PageSize.HUGE_2M))
        .extracting(MemoryLimit::availableBytes)
        .containsExactly(86 * 2 * MIB, 40 * MIB);
    MemoryDemand demand = MemoryDemand.of(Backing.HUGETLB_2M, 128 * MIB, 1 << 30);
    assertThat(MemoryLimits.refusal(limits, demand))
        .hasValueSatisfying(
            why -> assertThat(why).contains("128 MiB wanted").contains(group + ".max"));
  }

  @Test
  void hugePagesDoNotCountAgainstOrdinaryMemory() {
    machine.with("/proc/meminfo", "MemAvailable:    102400 kB");
    MemoryDemand demand = MemoryDemand.of(Backing.HUGETLB_2M, 1 << 30, 90 * MIB);
    assertThat(MemoryLimits.refusal(limits(), demand)).isEmpty();
    assertThat(MemoryLimits.refusal(limits(), new MemoryDemand(Map.of(), 101 * MIB))).isPresent();
  }

  @Test
  void whatCannotBeReadIsNoLimit() {
    assertThat(limits()).isEmpty();
    assertThat(new MemoryLimits(machine.files()).huge(PageSize.HUGE_1G)).isEmpty();
  }

  private static MemoryDemand anonymous(long mebibytes) {
    return MemoryDemand.of(Backing.ANONYMOUS, mebibytes * MIB, 0);
  }
}
