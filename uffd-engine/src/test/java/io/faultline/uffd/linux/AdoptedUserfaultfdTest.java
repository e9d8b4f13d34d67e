package io.faultline.uffd.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.Errno;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.EventType;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.OpenPath;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class AdoptedUserfaultfdTest {
  private static final long PAGE = ForeignProcess.PAGE;

  private final EventBuffer events = new EventBuffer(1);
  private LinuxKernel kernel;
  private long source;

  @BeforeEach
  void mapSource() {
    ForeignProcess.requireIt();
    kernel = new LinuxKernel();
    source = kernel.map(MapRequest.anonymous(PAGE, PageSize.BASE));
    kernel.guestStore(source, 77);
  }

  @AfterEach
  void unmapSource() {
    if (source != 0) {
      kernel.unmap(source, PAGE);
    }
  }

  @Test
  void featuresAndFlagsAreThoseOfTheOpenFile() throws IOException {
    try (ForeignProcess process = new ForeignProcess(1, (steps, address) -> steps.pause());
        Userfaultfd uffd = adopt(process.descriptor())) {
      assertThat(uffd.features())
          .containsExactlyInAnyOrder(
              Feature.EVENT_FORK, Feature.EVENT_REMAP, Feature.EVENT_REMOVE, Feature.EVENT_UNMAP);
      assertThat(uffd.scope()).isEqualTo(FaultScope.USER_AND_KERNEL);
      assertThat(uffd.read(events)).isZero();
    }
  }

  @Test
  void blockingDescriptorWithoutCloseOnExecGetsBoth() throws IOException {
    try (ForeignProcess process = new ForeignProcess(1, (steps, address) -> steps.pause())) {
      int fd = process.descriptor();
      assertThat(Libc.fcntl(fd, 4, 0)).isZero(); // F_SETFL
      assertThat(Libc.fcntl(fd, 2, 0)).isZero(); // F_SETFD
      assertThat(flags(fd) & (Libc.O_NONBLOCK | Libc.O_CLOEXEC)).isZero();
      try (Userfaultfd uffd = adopt(fd)) {
        assertThat(flags(fd) & Libc.O_NONBLOCK).isNotZero();
        assertThat(flags(fd) & Libc.O_CLOEXEC).isNotZero();
        assertThat(uffd.read(events)).isZero();
      }
    }
  }

  @Test
  void memoryOfTheOtherProcessIsFilledThroughIt() {
    try (ForeignProcess process =
            new ForeignProcess(
                3,
                (steps, address) -> {
                  steps.load(address);
                  steps.load(address + PAGE);
                  steps.load(address + 2 * PAGE);
                });
        Userfaultfd uffd = adopt(process.descriptor())) {
      expectFault(uffd, process.page(0));
      assertThat(uffd.copy(process.page(0), source, PAGE, FillMode.WAKE)).isEqualTo(PAGE);
      assertThat(FillResult.errno(uffd.copy(process.page(0), source, PAGE, FillMode.WAKE)))
          .isEqualTo(Errno.EEXIST);
      expectFault(uffd, process.page(1));
      assertThat(uffd.zeroPage(process.page(1), PAGE, FillMode.WAKE)).isEqualTo(PAGE);
      expectFault(uffd, process.page(2));
      uffd.unregister(process.page(2), PAGE);
      awaitEnd(process);
      assertThat(process.process().poll()).isZero();
      assertThat(process.program().result(1)).isEqualTo(77);
      assertThat(process.program().result(2)).isZero();
      assertThat(process.program().result(3)).isZero();
    }
  }

  @Test
  void afterTheProcessHasExitedFillsReturnEsrchAndWakeDoesNothing() {
    try (ForeignProcess process = new ForeignProcess(1, (steps, address) -> {});
        Userfaultfd uffd = adopt(process.descriptor())) {
      awaitEnd(process);
      assertThat(uffd.copy(process.page(0), source, PAGE, FillMode.WAKE)).isEqualTo(Errno.ESRCH);
      assertThat(uffd.zeroPage(process.page(0), PAGE, FillMode.WAKE)).isEqualTo(Errno.ESRCH);
      assertThat(uffd.read(events)).isZero();
      uffd.wake(process.page(0), PAGE);
      assertThatThrownBy(() -> uffd.unregister(process.page(0), PAGE))
          .isInstanceOf(SystemCallException.class)
          .hasMessageContaining("ENOMEM: the process has exited")
          .extracting(e -> ((SystemCallException) e).errno())
          .isEqualTo(Errno.ENOMEM);
    }
  }

  @Test
  void pageTableOfTheOtherProcessShowsWhatIsThere() {
    try (ForeignProcess process = new ForeignProcess(2, (steps, address) -> steps.pause());
        Userfaultfd uffd = adopt(process.descriptor());
        Pagemap pagemap = kernel.openPagemap(process.pid())) {
      assertThat(uffd.copy(process.page(1), source, PAGE, FillMode.WAKE)).isEqualTo(PAGE);
      assertThat(pagemap.isPresent(process.page(0))).isFalse();
      assertThat(pagemap.isPresent(process.page(1))).isTrue();
    }
  }

  @Test
  void oldKernelsErrorForAProcessThatIsGoneIsThatOfNewOnes() {
    assertThat(LinuxUserfaultfd.ofAllGenerations(-Errno.ENOSPC)).isEqualTo(-Errno.ESRCH);
    assertThat(LinuxUserfaultfd.ofAllGenerations(-Errno.EEXIST)).isEqualTo(-Errno.EEXIST);
    assertThat(LinuxUserfaultfd.ofAllGenerations(0)).isZero();
  }

  @Test
  void descriptorThatIsNoUserfaultfdIsRefusedWithWhatItIs() throws IOException {
    Path file = Files.createTempFile("no-userfaultfd", "");
    int fd = FileDescriptors.open(file, Libc.O_RDONLY);
    try {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> adopt(fd))
          .withMessage("descriptor " + fd + " is " + file + ", not a userfaultfd");
      assertThat(FileDescriptors.describe(fd)).as("still open").isEqualTo(file.toString());
    } finally {
      FileDescriptors.close(fd);
      Files.delete(file);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> adopt(999_999))
        .withMessage("descriptor 999999 is not open, not a userfaultfd");
    assertThatIllegalArgumentException().isThrownBy(() -> adopt(-1)).withMessageContaining("-1");
  }

  @Test
  void userfaultfdBeforeItsHandshakeIsRefused() {
    int fd = new UserfaultfdOpener(Machine.current()).openRaw(OpenPath.ANY);
    assumeTrue(fd >= 0, "the kernel refuses userfaultfd");
    try {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> adopt(fd))
          .withMessageContaining("not initialised: its owner must call UFFDIO_API first");
    } finally {
      FileDescriptors.close(fd);
    }
  }

  @Test
  void infoOfAnotherFormatIsRefused() {
    assertThat(UserfaultfdInfo.parse("pending:\t0\nAPI:\taa:80000002:80000000000001ff\n"))
        .isEqualTo(0x80000002L);
    assertThatIllegalArgumentException().isThrownBy(() -> UserfaultfdInfo.parse("pending:\t0\n"));
    assertThatIllegalArgumentException().isThrownBy(() -> UserfaultfdInfo.parse("API:\taa:1\n"));
  }

  private Userfaultfd adopt(int fd) {
    return kernel.adoptUserfaultfd(fd, FaultScope.USER_AND_KERNEL);
  }

  private void expectFault(Userfaultfd uffd, long address) {
    while (uffd.read(events) == 0) {
      Thread.onSpinWait();
    }
    assertThat(events.type(0)).isEqualTo(EventType.PAGE_FAULT);
    assertThat(events.address(0)).isEqualTo(address);
  }

  private static void awaitEnd(ForeignProcess process) {
    while (process.process().poll() == ChildProcess.RUNNING) {
      Thread.onSpinWait();
    }
  }

  private static int flags(int fd) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd))) {
      if (line.startsWith("flags:")) {
        return Integer.parseInt(line.substring(6).strip(), 8);
      }
    }
    throw new AssertionError("no flags");
  }
}
