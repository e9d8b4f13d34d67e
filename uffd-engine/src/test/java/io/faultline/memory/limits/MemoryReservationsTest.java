package io.faultline.memory.limits;

import static io.faultline.memory.limits.FakeMachine.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import io.faultline.memory.limits.MemoryReservations.Answer;
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
        "4711 5 " + mebibytes * MIB + " " + residentThen * MIB + "\n");
  }

  @Test
  void secondDemandDoesNotGetWhatTheFirstWasPromised() throws IOException {
    assertThat(reservations.admit(DEMAND)).isInstanceOf(Answer.Admitted.class);
    assertThat(reservations.admit(DEMAND))
        .isInstanceOfSatisfying(
            Answer.Refused.class,
            refused -> assertThat(refused.why()).contains("600 MiB wanted, 424 MiB available"));
  }

  @Test
  void closedReservationIsFree() throws IOException {
    if (reservations.admit(DEMAND) instanceof Answer.Admitted admitted) {
      admitted.reservation().close();
    }
    assertThat(reservations.admit(DEMAND)).isInstanceOf(Answer.Admitted.class);
  }

  @Test
  void whatAnotherProcessHasTakenOfItsPromiseIsNoLongerSubtracted() throws IOException {
    otherWasPromised(600, 50, 250); // 400 MiB are outstanding
    assertThat(reservations.admit(MemoryDemand.of(Backing.ANONYMOUS, 624 * MIB, 0)))
        .isInstanceOf(Answer.Admitted.class);
  }

  @Test
  void promiseOfALivingProcessIsSubtracted() throws IOException {
    otherWasPromised(600, 50, 250);
    assertThat(reservations.admit(MemoryDemand.of(Backing.ANONYMOUS, 625 * MIB, 0)))
        .isInstanceOf(Answer.Refused.class);
  }

  @Test
  void pagesThatAreMappedTwiceCountOnce() throws IOException {
    otherWasPromised(600, 50, 650); // so it looks as if it had taken everything
    machine.with("/proc/4711/smaps_rollup", "Rss:\t665600 kB\nPss:\t" + (350 << 10) + " kB");
    assertThat(reservations.admit(MemoryDemand.of(Backing.SHMEM, 724 * MIB, 0)))
        .isInstanceOf(Answer.Admitted.class);
    assertThat(reservations.admit(MemoryDemand.of(Backing.SHMEM, 1 << 20, 0)))
        .isInstanceOf(Answer.Refused.class);
  }

  @Test
  void promiseOfADeadProcessAndOfAnotherWithItsIdIsRemoved() throws IOException {
    otherWasPromised(1000, 0, 0);
    machine.with("/proc/4711/stat", stat(6)); // a later process
    assertThat(reservations.admit(DEMAND)).isInstanceOf(Answer.Admitted.class);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith("4711"));
    }
  }

  @Test
  void damagedPromiseIsRemoved() throws IOException {
    Files.writeString(directory.resolve("1.memory"), "no promise");
    assertThat(reservations.admit(DEMAND)).isInstanceOf(Answer.Admitted.class);
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
    assertThat(reservations.admit(DEMAND))
        .isInstanceOfSatisfying(
            Answer.Refused.class,
            refused ->
                assertThat(refused.why())
                    .contains("550 MiB available")
                    .contains("/sys/fs/cgroup/memory/a/memory.limit_in_bytes"));
    machine.with("/proc/4711/cgroup", "4:memory:/z");
    assertThat(reservations.admit(DEMAND)).isInstanceOf(Answer.Admitted.class);
  }
}
