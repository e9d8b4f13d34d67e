package io.faultline.qemu.vm;

import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.uffd.Errno;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.FileDescriptors;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.injection.ForeignUserfaultfds;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Opens userfaultfds in QEMU's process, for faults of its kernel accesses too: system calls of its
 * devices and KVM access guest memory. If QEMU lacks the privilege, it gets a descriptor of {@code
 * /dev/userfaultfd} that was opened here. For the thread of the monitor.
 */
final class GuestUserfaultfds {
  private static final Path DEVICE = Path.of("/dev/userfaultfd");
  private static final int O_RDWR = 2;
  private static final String NAME_IN_QEMU = "faultline-userfaultfd";

  private final QmpConnection monitor;
  private final PidFd process;
  private final ForeignUserfaultfds opener;

  /**
   * @param process QEMU; stays the caller's
   * @param log gets a line if a userfaultfd stays open in QEMU
   */
  GuestUserfaultfds(
      LinuxKernel kernel, QmpConnection monitor, PidFd process, Consumer<String> log) {
    this(
        monitor,
        process,
        new ForeignUserfaultfds(kernel, process, line -> log.accept("QEMU: userfaultfd " + line)));
  }

  private GuestUserfaultfds(QmpConnection monitor, PidFd process, ForeignUserfaultfds opener) {
    this.monitor = monitor;
    this.process = process;
    this.opener = opener;
  }

  /** The same, with userfaultfds that end with this process; see {@link ForeignUserfaultfds}. */
  GuestUserfaultfds ofThisProcess() {
    return new GuestUserfaultfds(monitor, process, opener.ofThisProcess());
  }

  /**
   * Opens one.
   *
   * @throws SystemCallException EPERM with the reason; ESRCH if QEMU has exited
   */
  Userfaultfd open(OpenOptions options) {
    OpenOptions ofKernelToo = options.withScope(FaultScope.USER_AND_KERNEL);
    Optional<Userfaultfd> opened;
    try {
      opened = opener.open(ofKernelToo);
    } catch (SystemCallException e) {
      if (e.errno() != Errno.EPERM || !Files.isReadable(DEVICE)) {
        throw e;
      }
      opened = openThroughDevice(ofKernelToo);
    }
    return opened.orElseThrow(
        () -> new SystemCallException("userfaultfd in QEMU", Errno.ESRCH, process + " has exited"));
  }

  private Optional<Userfaultfd> openThroughDevice(OpenOptions options) {
    int device = FileDescriptors.open(DEVICE, O_RDWR);
    try {
      monitor.sendDescriptor(NAME_IN_QEMU, device);
      try {
        int there = findDevice().orElseThrow(() -> new IOException("QEMU has not kept " + DEVICE));
        return opener.openThroughDevice(there, options);
      } finally {
        closeLeft(monitor);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      FileDescriptors.close(device);
    }
  }

  /** Closes the descriptor of the device in QEMU, perhaps that of a node that was killed. */
  static void closeLeft(QmpConnection monitor) throws IOException, InterruptedException {
    monitor.closeDescriptor(NAME_IN_QEMU);
  }

  /** The number of a descriptor of the device in QEMU. Any will do. */
  private OptionalInt findDevice() throws IOException {
    Path open = Path.of("/proc/" + process.pid() + "/fd");
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(open)) {
      for (Path descriptor : descriptors) {
        if (isDevice(descriptor)) {
          return OptionalInt.of(Integer.parseInt(descriptor.getFileName().toString()));
        }
      }
    }
    return OptionalInt.empty();
  }

  private static boolean isDevice(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).equals(DEVICE);
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }
}
