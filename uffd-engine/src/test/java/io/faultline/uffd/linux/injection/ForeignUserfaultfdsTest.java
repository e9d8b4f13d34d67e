package io.faultline.uffd.linux.injection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageRegions;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.PagemapQuery;
import io.faultline.uffd.ProtectMode;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.FileDescriptors;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ForeignUserfaultfdsTest {
  private static final int PAGES = 16;
  private static final long PAGE = 4096;
  private static final long BYTES = PAGES * PAGE;
  private static final String USERFAULTFD = "anon_inode:[userfaultfd]";

  @TempDir private Path directory;
  private final LinuxKernel kernel = new LinuxKernel();
  private final List<String> leftOpen = new ArrayList<>();
  private Path program;
  private Path file;
  private long transfer;

  @BeforeEach
  void map() throws Exception {
    program = CProgram.compile("touch", directory);
    assumeTrue(
        kernel.supportedFeatures().contains(Feature.MINOR_SHMEM), "needs minor faults of shmem");
    file = Files.createTempFile(Path.of("/dev/shm"), "faultline-foreign", "");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    try (MemoryFile opened = kernel.openFile(file, BYTES)) {
      transfer = kernel.map(MapRequest.sharedFile(opened));
    }
  }

  @AfterEach
  void unmap() throws IOException {
    if (file != null) {
      kernel.unmap(transfer, BYTES);
      Files.delete(file);
    }
  }

  @Test
  void faultsOfTheProcessAreResolvedFromHere() throws Exception {
    try (TouchingProcess process = TouchingProcess.start(program, file, BYTES)) {
      ForeignUserfaultfds opener = opener(process);
      try (Userfaultfd uffd = opener.open(missingAndMinor()).orElseThrow()) {
        assertThat(uffd.scope()).isEqualTo(FaultScope.USER_AND_KERNEL);
        resolveFaults(process, uffd);
        assertThat(process.descriptors()).contains(USERFAULTFD);
      }
      assertThat(process.descriptors()).doesNotContain(USERFAULTFD);
      assertThat(leftOpen).isEmpty();
    }
  }

  @Test
  void processWithoutPrivilegesUsesADescriptorOfTheDevice() throws Exception {
    assumeTrue(Files.isReadable(Path.of("/dev/userfaultfd")), "needs root and /dev/userfaultfd");
    String sysctl = Files.readString(Path.of("/proc/sys/vm/unprivileged_userfaultfd")).strip();
    assumeTrue(sysctl.equals("0"), "vm.unprivileged_userfaultfd is " + sysctl);
    try (TouchingProcess process = TouchingProcess.startUnprivileged(program, file, BYTES)) {
      ForeignUserfaultfds opener = opener(process);
      assertThatThrownBy(() -> opener.open(missingAndMinor()))
          .isInstanceOf(SystemCallException.class)
          .hasMessageContaining("EPERM: that process may not catch faults of the kernel");
      OpenOptions options = missingAndMinor();
      try (Userfaultfd uffd =
          opener.openThroughDevice(TouchingProcess.DEVICE, options).orElseThrow()) {
        resolveFaults(process, uffd);
      }
      assertThat(process.descriptors()).doesNotContain(USERFAULTFD).contains("/dev/userfaultfd");
      OpenOptions widest = options.withScope(FaultScope.WIDEST);
      try (Userfaultfd uffd = opener.open(widest).orElseThrow()) {
        assertThat(uffd.scope()).isEqualTo(FaultScope.USER_ONLY);
      }
    }
  }

  @Test
  void writesOfTheProcessAreLoggedFromHere() throws Exception {
    assumeTrue(kernel.supportedFeatures().contains(Feature.WP_ASYNC), "needs WP_ASYNC");
    OpenOptions options =
        OpenOptions.of(Feature.WP_ASYNC, Feature.WP_UNPOPULATED, Feature.WP_HUGETLBFS_SHMEM)
            .withScope(FaultScope.USER_AND_KERNEL);
    try (TouchingProcess process = TouchingProcess.start(program, file, BYTES);
        Pagemap pagemap = kernel.openPagemap(process.pidFd().pid());
        Userfaultfd uffd = opener(process).open(options).orElseThrow()) {
      uffd.register(process.address(0), BYTES, Set.of(RegisterMode.WRITE_PROTECT));
      uffd.writeProtect(process.address(0), BYTES, ProtectMode.PROTECT);
      for (int round = 1; round < 4; round++) {
        process.write(round, 7).get();
        process.write(3L * round, 8).get();
        PageRegions found = new PageRegions(PAGES);
        pagemap.scan(
            process.address(0), process.address(PAGES), PagemapQuery.GET_AND_CLEAR_WRITTEN, found);
        assertThat(found.size()).isEqualTo(2);
        assertThat(found.start(0)).isEqualTo(process.address(round));
        assertThat(found.start(1)).isEqualTo(process.address(3L * round));
      }
    }
  }

  @Test
  void closedOneLeavesNothingAndProcessThatHasExitedHasNone() throws Exception {
    try (TouchingProcess process = TouchingProcess.start(program, file, BYTES)) {
      ForeignUserfaultfds opener = opener(process);
      opener.open(missingAndMinor()).orElseThrow().close();
      assertThat(process.descriptors()).doesNotContain(USERFAULTFD);
      Userfaultfd last = opener.open(missingAndMinor()).orElseThrow();
      last.register(process.address(0), BYTES, Set.of(RegisterMode.MISSING));
      process.pidFd().sendSignal(PidFd.SIGKILL);
      while (!process.pidFd().hasExited()) {
        LockSupport.parkNanos(1_000_000);
      }
      last.unregister(process.address(0), BYTES);
      last.close();
      assertThat(opener.open(missingAndMinor())).isEmpty();
      assertThat(leftOpen).isEmpty();
    }
  }

  @Test
  void processThatIsAskedForItsPermissionNoticesNothing() throws Exception {
    try (TouchingProcess process = TouchingProcess.start(program, file, BYTES)) {
      TracingPermission.require(process.pidFd());
      assertThat(process.read(1).get(60, TimeUnit.SECONDS)).isZero();
      Path status = Path.of("/proc/" + process.pidFd().pid() + "/status");
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (!Files.readString(status).contains("TracerPid:\t0") && System.nanoTime() < end) {
        LockSupport.parkNanos(1_000_000); // the kernel ends the thread a little later than Java
      }
      assertThat(Files.readString(status)).contains("TracerPid:\t0");
    }
  }

  /** As long as a killed owner's userfaultfd is open, no other one can have the memory. */
  @Test
  void oneThatAKilledOwnerLeftIsFoundUnregisteredAndClosed() throws Exception {
    assumeTrue(kernel.supportedFeatures().contains(Feature.WP_ASYNC), "needs WP_ASYNC");
    OpenOptions logging =
        OpenOptions.of(Feature.WP_ASYNC, Feature.WP_UNPOPULATED, Feature.WP_HUGETLBFS_SHMEM);
    try (TouchingProcess process = TouchingProcess.start(program, file, BYTES)) {
      ForeignUserfaultfds opener = opener(process);
      Userfaultfd left = opener.open(logging).orElseThrow();
      left.register(process.address(0), BYTES, Set.of(RegisterMode.WRITE_PROTECT));
      FileDescriptors.close(left.fd()); // all that the end of its owner does
      LeftUserfaultfds found = new LeftUserfaultfds(kernel, process.pidFd());
      assertThat(found.features()).singleElement().matches(each -> each.contains(Feature.WP_ASYNC));
      assertThat(found.close(Feature.MINOR_SHMEM, process.address(0), BYTES)).isZero();
      try (Userfaultfd next = opener.open(logging).orElseThrow()) {
        assertThatThrownBy(
                () -> next.register(process.address(0), BYTES, Set.of(RegisterMode.WRITE_PROTECT)))
            .hasMessageContaining("EBUSY");
      }
      assertThat(found.close(Feature.WP_ASYNC, process.address(0), BYTES)).isEqualTo(1);
      assertThat(process.descriptors()).doesNotContain(USERFAULTFD);
      try (Userfaultfd next = opener.open(logging).orElseThrow()) {
        next.register(process.address(0), BYTES, Set.of(RegisterMode.WRITE_PROTECT));
      }
    }
  }

  @Test
  void oneWhoseOpenerWasKilledBeforeItsUseIsClosed() throws Exception {
    try (TouchingProcess process = TouchingProcess.start(program, file, BYTES);
        Userfaultfd used = opener(process).open(missingAndMinor()).orElseThrow()) {
      assertThat(new SystemCallInjector(process.pidFd()).call(SystemCall.userfaultfd(0)).orElse(-1))
          .isPositive();
      LeftUserfaultfds found = new LeftUserfaultfds(kernel, process.pidFd());
      assertThat(Collections.frequency(process.descriptors(), USERFAULTFD)).isEqualTo(2);
      assertThat(found.closeUninitialised()).isEqualTo(1);
      assertThat(found.features()).hasSize(1);
      used.register(process.address(0), BYTES, Set.of(RegisterMode.MISSING));
    }
  }

  /** A missing page is copied, a page that is in the file is mapped. */
  private void resolveFaults(TouchingProcess process, Userfaultfd uffd) throws Exception {
    MemorySegment memory = MemorySegment.ofAddress(transfer).reinterpret(BYTES);
    uffd.register(process.address(0), BYTES, Set.of(RegisterMode.MISSING, RegisterMode.MINOR));
    memory.set(ValueLayout.JAVA_LONG, 5 * PAGE, 55);
    CompletableFuture<Long> minor = process.read(5);
    assertThat(awaitFault(uffd)).isEqualTo(process.address(5));
    assertThat(uffd.continueFault(process.address(5), PAGE, FillMode.WAKE)).isEqualTo(PAGE);
    assertThat(minor.get(60, TimeUnit.SECONDS)).isEqualTo(55);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment source = arena.allocate(PAGE, PAGE);
      source.set(ValueLayout.JAVA_LONG, 0, 99);
      CompletableFuture<Long> missing = process.read(9);
      assertThat(awaitFault(uffd)).isEqualTo(process.address(9));
      assertThat(missing).isNotDone();
      long copied = uffd.copy(process.address(9), source.address(), PAGE, FillMode.WAKE);
      assertThat(FillResult.bytesDone(copied)).isEqualTo(PAGE);
      assertThat(missing.get(60, TimeUnit.SECONDS)).isEqualTo(99);
    }
    assertThat(memory.get(ValueLayout.JAVA_LONG, 9 * PAGE)).isEqualTo(99);
    uffd.unregister(process.address(0), BYTES);
  }

  private static long awaitFault(Userfaultfd uffd) {
    EventBuffer buffer = new EventBuffer(4);
    while (uffd.read(buffer) == 0) {
      LockSupport.parkNanos(100_000);
    }
    assertThat(buffer.size()).isEqualTo(1);
    return buffer.address(0) & -PAGE;
  }

  private ForeignUserfaultfds opener(TouchingProcess process) {
    return new ForeignUserfaultfds(kernel, process.pidFd(), leftOpen::add);
  }

  private static OpenOptions missingAndMinor() {
    return OpenOptions.of(Feature.MISSING_SHMEM, Feature.MINOR_SHMEM)
        .withScope(FaultScope.USER_AND_KERNEL);
  }
}
