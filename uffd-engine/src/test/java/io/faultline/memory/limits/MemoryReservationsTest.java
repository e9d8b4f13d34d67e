package io.faultline.memory.limits;

import static io.faultline.memory.limits.FakeMachine.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.memory.Backing;
import io.faultline.memory.limits.MemoryReservations.Answer;
import io.faultline.uffd.PageSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine with 1 GiB; this process and process 4711 want some of it. */
class MemoryReservationsTest {
  private static final MemoryDemand DEMAND = MemoryDemand.of(Backing.ANONYMOUS, 600 * MIB, 0);

  @TempDir private Path root;
  @TempDir private Path directory;
  private FakeMachine machine;
  private MemoryReservations reservations;

  @BeforeEach
  void start() {
    machine =
        new FakeMachine(root)
            .with("/proc/meminfo", "MemAvailable:    1048576 kB")
            .with("/proc/" + ProcessHandle.current().pid() + "/stat", stat(77));
    reservations = new MemoryReservations(directory, machine.files());
  }

  private static String stat(long startTicks) {
    return "1 (a name) with ) S" + " 0".repeat(18) + " " + startTicks + " 0 0";
  }

  private void otherWasPromised(long mebibytes, long residentThen, long residentNow)
      throws IOException {
    machine
        .with("/proc/4711/stat", stat(5))
        .with("/proc/4711/status", "VmRSS:\t" + (residentNow << 10) + " kB");
    Files.writeString(
        directory.resolve("4711-1.memory"),
        "4711 5 " + mebibytes * MIB + " " + residentThen * MIB + " 0 false\n");
  }

  private Answer admit(MemoryDemand demand) throws IOException {
    return reservations.admit(demand, false);
  }

  private void assertRefused(MemoryDemand demand, String... reasons) throws IOException {
    assertThat(admit(demand))
        .isInstanceOfSatisfying(
            Answer.Refused.class, refused -> assertThat(refused.why()).contains(reasons));
  }

  @Test
  void secondDemandDoesNotGetWhatTheFirstWasPromised() throws IOException {
    assertThat(admit(DEMAND)).isInstanceOf(Answer.Admitted.class);
    assertThat(admit(DEMAND))
        .isInstanceOfSatisfying(
            Answer.Refused.class,
            refused -> assertThat(refused.why()).contains("600 MiB wanted, 424 MiB available"));
  }

  @Test
  void closedReservationIsFree() throws IOException {
    if (admit(DEMAND) instanceof Answer.Admitted admitted) {
      admitted.reservation().close();
    }
    assertThat(admit(DEMAND)).isInstanceOf(Answer.Admitted.class);
  }

  @Test
  void whatAnotherProcessHasTakenOfItsPromiseIsNoLongerSubtracted() throws IOException {
    otherWasPromised(600, 50, 250); // 400 MiB are outstanding
    assertThat(admit(MemoryDemand.of(Backing.ANONYMOUS, 624 * MIB, 0)))
        .isInstanceOf(Answer.Admitted.class);
  }

  @Test
  void promiseOfALivingProcessIsSubtracted() throws IOException {
    otherWasPromised(600, 50, 250);
    assertThat(admit(MemoryDemand.of(Backing.ANONYMOUS, 625 * MIB, 0)))
        .isInstanceOf(Answer.Refused.class);
  }

  @Test
  void pagesThatAreMappedTwiceCountOnce() throws IOException {
    otherWasPromised(600, 50, 650); // so it looks as if it had taken everything
    machine.with("/proc/4711/smaps_rollup", "Rss:\t665600 kB\nPss:\t" + (350 << 10) + " kB");
    assertThat(admit(MemoryDemand.of(Backing.SHMEM, 724 * MIB, 0)))
        .isInstanceOf(Answer.Admitted.class);
    assertThat(admit(MemoryDemand.of(Backing.SHMEM, 1 << 20, 0)))
        .isInstanceOf(Answer.Refused.class);
  }

  @Test
  void promiseOfADeadProcessAndOfAnotherWithItsIdIsRemoved() throws IOException {
    otherWasPromised(1000, 0, 0);
    machine.with("/proc/4711/stat", stat(6)); // a later process
    assertThat(admit(DEMAND)).isInstanceOf(Answer.Admitted.class);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith("4711"));
    }
  }

  @Test
  void damagedPromiseIsRemoved() throws IOException {
    Files.writeString(directory.resolve("1.memory"), "no promise");
    assertThat(admit(DEMAND)).isInstanceOf(Answer.Admitted.class);
    assertThat(directory.resolve("1.memory")).doesNotExist();
  }

  @Test
  void promiseCountsInTheCgroupsThatTheOtherProcessIsIn() throws IOException {
    otherWasPromised(100, 0, 0);
    machine
        .with(
            "/proc/self/mountinfo",
            "40 30 0:35 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory")
        .with("/proc/self/cgroup", "4:memory:/a/b")
        .with("/proc/4711/cgroup", "4:memory:/a/c")
        .withMemoryCgroup("/sys/fs/cgroup/memory/a/b", 620 * MIB, 0, 0)
        .withMemoryCgroup("/sys/fs/cgroup/memory/a/c", 620 * MIB, 0, 0)
        .withMemoryCgroup("/sys/fs/cgroup/memory/a", 650 * MIB, 0, 0);
    assertThat(admit(DEMAND))
        .isInstanceOfSatisfying(
            Answer.Refused.class,
            refused ->
                assertThat(refused.why())
                    .contains("550 MiB available")
                    .contains("/sys/fs/cgroup/memory/a/memory.limit_in_bytes"));
    machine.with("/proc/4711/cgroup", "4:memory:/z");
    assertThat(admit(DEMAND)).isInstanceOf(Answer.Admitted.class);
  }

  @Test
  void hugePagesOfAMappedVmCountInItsCgroupAndNoLongerAsPromised() throws IOException {
    String group = "/sys/fs/cgroup/unified/app/hugetlb.2MB";
    MemoryDemand demand = MemoryDemand.of(Backing.HUGETLB_2M, 64 * MIB, 0);
    machine
        .with("/proc/self/mountinfo", "41 30 0:36 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw")
        .with("/proc/self/cgroup", "0::/app")
        .with("/proc/" + ProcessHandle.current().pid() + "/cgroup", "0::/app")
        .with(group + ".max", Long.toString(100 * MIB))
        .with(group + ".current", "0")
        .with(group + ".rsvd.max", "max")
        .with(group + ".rsvd.current", "0");
    Answer.Admitted first = (Answer.Admitted) admit(demand);
    assertRefused(demand, "64 MiB wanted, 36 MiB available", group + ".max", "64 MiB promised");
    first.reservation().mapped();
    machine.with(group + ".rsvd.current", Long.toString(64 * MIB));
    assertRefused(demand, "64 MiB wanted, 36 MiB available in the hugetlb cgroup (");
    machine.with(group + ".max", Long.toString(128 * MIB));
    assertThat(admit(demand)).isInstanceOf(Answer.Admitted.class);
  }

  @Test
  void hugePagesArePromisedInThePoolUntilTheyAreReservedThere() throws IOException {
    String pool = "/sys/kernel/mm/hugepages/hugepages-2048kB/";
    MemoryDemand demand = MemoryDemand.of(Backing.HUGETLB_2M, 64 * MIB, 0);
    machine
        .with(pool + "nr_hugepages", "50")
        .with(pool + "free_hugepages", "50")
        .with(pool + "resv_hugepages", "0");
    Answer.Admitted first = (Answer.Admitted) admit(demand);
    assertRefused(demand, "36 MiB available", "run: sysctl -w vm.nr_hugepages=64");
    first.reservation().mapped();
    machine.with(pool + "resv_hugepages", "18");
    assertThat(admit(demand)).isInstanceOf(Answer.Admitted.class);
  }

  @Test
  void memoryThatCountsWhenItIsMappedIsNotSubtractedTwice() throws IOException {
    String meminfo = "MemAvailable: 99999999 kB\nCommitLimit: 1048576 kB\nCommitted_AS: ";
    machine.with("/proc/meminfo", meminfo + "0 kB").with("/proc/sys/vm/overcommit_memory", "2");
    Answer.Admitted first = (Answer.Admitted) admit(DEMAND);
    assertRefused(DEMAND, "424 MiB available", "CommitLimit", "600 MiB promised");
    first.reservation().mapped();
    machine.with("/proc/meminfo", meminfo + (500 << 10) + " kB");
    assertRefused(DEMAND, "524 MiB available", "may promise (");
    machine.with("/proc/meminfo", meminfo + (424 << 10) + " kB");
    assertThat(admit(DEMAND)).isInstanceOf(Answer.Admitted.class);
  }

  @Test
  void hugePagesCountInAMemoryCgroupThatAccountsThemUntilTheyAreUsed() throws IOException {
    String id = Long.toString(ProcessHandle.current().pid());
    MemoryDemand demand = MemoryDemand.of(Backing.HUGETLB_2M, 64 * MIB, 0);
    machine
        .with(
            "/proc/self/mountinfo",
            "41 30 0:36 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,memory_hugetlb_accounting")
        .with("/proc/self/cgroup", "0::/app")
        .with("/proc/" + id + "/cgroup", "0::/app")
        .withUnifiedCgroup("/sys/fs/cgroup/app", Long.toString(100 * MIB), 0, 0);
    ((Answer.Admitted) admit(demand)).reservation().mapped();
    assertRefused(demand, "36 MiB available");
    // 30 pages, of which 10 are mapped twice; 4 are still to be used.
    machine.with(
        "/proc/" + id + "/smaps_rollup",
        "Shared_Hugetlb: " + (20 << 11) + " kB\nPrivate_Hugetlb: " + (18 << 11) + " kB");
    assertRefused(MemoryDemand.of(Backing.HUGETLB_2M, 94 * MIB, 0), "92 MiB available");
  }

  @Test
  void filesOfOneFileSystemShareItsRoom() throws IOException {
    Path shared = Path.of("/dev/shm");
    assumeTrue(Files.isDirectory(shared), "no " + shared);
    machine.with("/proc/meminfo", "");
    long most = Files.getFileStore(shared).getUsableSpace() / 5 * 3;
    Path first = shared.resolve("faultline-test-1");
    MemoryDemand second = file(shared.resolve("faultline-test-2"), most);
    assertThat(admit(file(first, most))).isInstanceOf(Answer.Admitted.class);
    assertRefused(second, "wanted", "mount that holds /dev/shm", "promised to process");
    // What the first file has by now is no longer free in the real file system.
    machine.with(
        "/proc/" + ProcessHandle.current().pid() + "/smaps",
        "7f00-7f10 rw-s 0000 00:19 7     " + first + "\nPss: " + (most >> 10) + " kB");
    assertThat(admit(second)).isInstanceOf(Answer.Admitted.class);
  }

  private static MemoryDemand file(Path path, long bytes) {
    return MemoryDemand.of(Backing.file(path, PageSize.BASE), bytes, 0);
  }

  @Test
  void whatIsAdmittedWithoutRoomIsPromisedToo() throws IOException {
    MemoryDemand large = MemoryDemand.of(Backing.ANONYMOUS, 1100 * MIB, 0);
    assertThat(reservations.admit(large, true))
        .isInstanceOfSatisfying(
            Answer.Admitted.class,
            admitted ->
                assertThat(admitted.excess())
                    .hasValueSatisfying(
                        why -> assertThat(why).contains("1100 MiB wanted, 1024 MiB available")));
    assertRefused(MemoryDemand.of(Backing.ANONYMOUS, MIB, 0), "0 MiB available", "1100 MiB");
  }

  @Test
  void lockThatStaysHeldRefusesAndNamesItsHolder() throws IOException {
    Path file = directory.resolve("memory.lock");
    try (ReservationLock held = ReservationLock.take(file, 0)) {
      assertThat(held.isHeld()).isTrue();
      assertRefused(
          DEMAND, "process " + ProcessHandle.current().pid() + " holds " + file, "end it");
      assertThat(reservations.admit(DEMAND, true)).isInstanceOf(Answer.Admitted.class);
    }
    assertRefused(DEMAND, "424 MiB available"); // the lock is free again
  }
}
